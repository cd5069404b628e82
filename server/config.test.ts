import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigProblems, readConfig, type Config } from './config.ts';
import { FileSettings, ProviderEntry } from './config/schema.ts';

const CLUSTER = { GORUNCHAT_MASTER_KEY: '0'.repeat(64), MONGO_URI: 'mongodb://db/chat', REDIS_URI: 'redis://bus:6379' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorunchat-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(yaml: string | undefined, environment: Record<string, string> = {}): Config {
  if (yaml !== undefined) writeFileSync(join(folder, 'gorunchat.yaml'), yaml);
  return readConfig(environment, folder);
}

function problemsOf(yaml: string | undefined, environment: Record<string, string> = {}): readonly string[] {
  try {
    read(yaml, environment);
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

describe('without anything set', () => {
  it('the server listens on this machine alone, without a code for the first account', () => {
    const config = read(undefined);
    expect(config).toMatchObject({ name: 'GoRunChat', host: '127.0.0.1', port: 3080, trustProxy: false, masterKey: undefined, restoreMs: 10_000, logLevel: 'warn', hasDemo: undefined });
    expect(config.providers).toMatchObject(['openai', 'anthropic', 'google'].map((id) => ({ id, kind: id, ownKeys: true, key: undefined, fetch: true })));
    expect(read('providers: {}\n').providers).toEqual([]);
    expect(config.registration).toEqual({ isOpen: true, domains: [], firstCode: undefined });
  });

  it('several instances need a database, a bus and one master key; each that is missing is told with the reason', () => {
    const key = { GORUNCHAT_MASTER_KEY: '0'.repeat(64) };
    expect(read(undefined).cluster).toBeUndefined();
    expect(read(undefined, { ...key, MONGO_URI: 'mongodb://db/chat', REDIS_URI: 'redis://bus:6379' }).cluster).toEqual({ mongoUrl: 'mongodb://db/chat', redisUrl: 'redis://bus:6379' });
    expect(problemsOf(undefined, { ...key, MONGODB_URI: 'mongodb://db' })).toEqual([expect.stringMatching(/MONGODB_URI.*REDIS_URL is not: instances that share a database must also hear each other/u)]);
    expect(problemsOf(undefined, { ...key, REDIS_URL: 'redis://bus' })).toEqual([expect.stringMatching(/REDIS_URL.*MONGODB_URI is not/u)]);
    expect(problemsOf(undefined, { MONGODB_URI: 'mongodb://user:secret@db', REDIS_URL: 'http://bus' })).toEqual([expect.stringMatching(/REDIS_URL.*redis:/u), expect.stringMatching(/GORUNCHAT_MASTER_KEY.*make[s]? a key of its own/u)]);
    expect(problemsOf(undefined, { MONGODB_URI: 'mysql://user:secret@db', REDIS_URL: 'redis://bus' }).join()).not.toContain('secret');
  });

  it('the copy outside is in the data folder, or where it is wanted, or nowhere; several instances have one where it is named', () => {
    expect(read('data: ./a\n').archiveFolder).toBe(join(folder, 'a', 'archive'));
    expect(read('archive: ./a\n', { GORUNCHAT_ARCHIVE: 'b' }).archiveFolder).toBe(join(folder, 'b'));
    expect([read('archive: off\n').archiveFolder, read('archive: ./a\n', { GORUNCHAT_ARCHIVE: 'OFF' }).archiveFolder]).toEqual([undefined, undefined]);
    expect([read('name: Several\n', CLUSTER).archiveFolder, read('name: Several\n', { ...CLUSTER, GORUNCHAT_ARCHIVE: '/mnt/copy' }).archiveFolder]).toEqual([undefined, '/mnt/copy']);
  });

  it('other copies outside are where the file or the environment names them, a variable before the file, and paths are relative to it', () => {
    const entries = 'copies:\n  cloudStorage: { bucket: acme-archive, prefix: chat, endpoint: https://storage-acme.p.googleapis.com }\n  duckdb: ./records.duckdb\n  bigquery: { project: acme-1234, dataset: chat, endpoint: http://localhost:9050 }\n';
    expect(read('data: ./a\n').copies).toEqual({ cloudStorage: undefined, duckdbFile: join(folder, 'a', 'query.duckdb'), bigquery: undefined });
    expect([read('copies: { duckdb: Off }\n'), read(entries, { GORUNCHAT_DUCKDB: 'off' }), read('name: Several\n', CLUSTER)].map(({ copies }) => copies.duckdbFile)).toEqual([undefined, undefined, undefined]);
    expect(read(entries, CLUSTER).copies.duckdbFile).toBe(join(folder, 'records.duckdb'));
    expect(read(entries).copies).toEqual({
      cloudStorage: { bucket: 'acme-archive', prefix: 'chat/', endpoint: 'https://storage-acme.p.googleapis.com' }, duckdbFile: join(folder, 'records.duckdb'), bigquery: { project: 'acme-1234', dataset: 'chat', endpoint: 'http://localhost:9050' },
    });
    expect(read(entries, { GORUNCHAT_CLOUD_STORAGE: 'gs://other/a/b/', GORUNCHAT_DUCKDB: '/mnt/x.duckdb', GORUNCHAT_BIGQUERY: 'example.org:acme-1234.chat_2' }).copies).toEqual({
      cloudStorage: { bucket: 'other', prefix: 'a/b/', endpoint: undefined }, duckdbFile: '/mnt/x.duckdb', bigquery: { project: 'example.org:acme-1234', dataset: 'chat_2', endpoint: undefined },
    });
  });

  it('every mistake in other copies outside is told at once, and no value of it', () => {
    const secret = 'https://user:secret@storage.example';
    const problems = problemsOf(`copies:\n  cloudStorage: { bucket: A, prefix: ../up, endpoint: "${secret}" }\n  duckdb: ""\n  bigquery: { project: "x\`y", endpoint: ftp://a }\n  bigqueri: {}\n`, { GORUNCHAT_CLOUD_STORAGE: 'https://secret', GORUNCHAT_BIGQUERY: 'secret' });
    expect(problems.toSorted()).toEqual([
      'GORUNCHAT_BIGQUERY: must be such as project.dataset',
      'GORUNCHAT_CLOUD_STORAGE: must be such as gs://bucket or gs://bucket/prefix',
      'gorunchat.yaml:2 copies.cloudStorage.bucket: must be the name of a bucket',
      expect.stringMatching(/^gorunchat.yaml:2 copies.cloudStorage.endpoint: must be an address such as .*without a name, a password/u),
      'gorunchat.yaml:2 copies.cloudStorage.prefix: must be a path of letters, digits, dots, - and _',
      'gorunchat.yaml:3 copies.duckdb: must not be empty',
      'gorunchat.yaml:4 copies.bigquery.dataset: must be the name of a dataset: letters, digits and _',
      expect.stringMatching(/^gorunchat.yaml:4 copies.bigquery.endpoint: must be an address such as/u),
      'gorunchat.yaml:4 copies.bigquery.project: must be the id of a project',
      'gorunchat.yaml:5 copies.bigqueri: is not a setting; bigquery is',
    ]);
    expect(problems.join()).not.toContain('secret');
  });

  it('an empty variable counts as not set', () => {
    expect(read(undefined, { PORT: '', OPENAI_API_KEY: '  ', HOST: '' })).toMatchObject({ port: 3080, host: '127.0.0.1', providers: [{ ownKeys: true }, { ownKeys: true }, { ownKeys: true }] });
  });
});

describe('the file', () => {
  it('says everything there is to say, and paths are relative to it', () => {
    const config = read(
      `
name: Acme Chat
host: 0.0.0.0
port: 8080
trustProxy: 1
data: ./kept
archive: ./copy
masterKey: \${KEY_OF_KEYS}
registration: { open: false, domains: [Example.org] }
restoreSeconds: 30
retention: { visitor: { keepDays: 30, deleteAfterDays: 90 } }
secondApprover: true
logLevel: info
demo: true
defaultModel: local/llama3.2:3b
providers:
  local:
    kind: openai-compatible
    name: The box downstairs
    baseUrl: http://localhost:11434/v1/
    headers: { x-team: "\${TEAM}" }
    models:
      - llama3.2:3b
      - { name: qwen3-vl, label: Qwen, vision: true, contextTokens: 32000, instructions: Be kind., fields: [instructions, effort] }
    titleModel: tiny
  anthropic:
    key: user_provided
`,
      { KEY_OF_KEYS: 'a'.repeat(64), TEAM: 'blue' },
    );
    expect(config).toMatchObject({
      name: 'Acme Chat', host: '0.0.0.0', port: 8080, dataFolder: join(folder, 'kept'), archiveFolder: join(folder, 'copy'), masterKey: 'a'.repeat(64), restoreMs: 30_000, secondApprover: 'exports', retention: { ordinary: { keepDays: 0, deleteAfterDays: null }, visitor: { keepDays: 30, deleteAfterDays: 90 } }, logLevel: 'info', hasDemo: true, defaultModel: 'local/llama3.2:3b',
      registration: { isOpen: false, domains: ['example.org'] },
    });
    const trusts = config.trustProxy as (address: string, hop: number) => boolean;
    expect([trusts('10.0.0.1', 0), trusts('10.0.0.1', 1)]).toEqual([true, false]);
    expect(config.providers).toEqual([
      {
        id: 'local', kind: 'openai-compatible', name: 'The box downstairs', baseUrl: 'http://localhost:11434/v1', key: undefined, ownKeys: false, headers: { 'x-team': 'blue' }, fetch: false, titleModel: 'tiny', background: false,
        models: [{ name: 'llama3.2:3b' }, { name: 'qwen3-vl', label: 'Qwen', vision: true, contextTokens: 32_000, instructions: 'Be kind.', fields: ['instructions', 'effort'] }],
      },
      { id: 'anthropic', kind: 'anthropic', name: 'Anthropic', baseUrl: undefined, key: undefined, ownKeys: true, headers: {}, models: [], fetch: true, titleModel: undefined, background: false },
    ]);
  });

  it('deletes nothing before it may be erased, and says so with the line', () => {
    expect(problemsOf('retention:\n  ordinary: { keepDays: 90, deleteAfterDays: 30 }\n  visitor: { keepDays: -1, deleteAfterDays: 0 }\n')).toEqual([
      expect.stringMatching(/^gorunchat\.yaml:2 retention\.ordinary: must have deleteAfterDays that are not less than keepDays$/u),
      expect.stringMatching(/^gorunchat\.yaml:3 retention\.visitor\.keepDays: must be a number of days/u),
      expect.stringMatching(/^gorunchat\.yaml:3 retention\.visitor\.deleteAfterDays: must be 1 day or more/u),
    ]);
  });

  it('keeps responses at OpenAI only when told to, and says where that cannot be', () => {
    const { providers } = read('providers:\n  openai:\n    key: sk-0123456789\n    background: true\n  work:\n    kind: openai\n    key: sk-0123456789\n');
    expect(providers.map(({ id, background }) => [id, background])).toEqual([['openai', true], ['work', false]]);
    expect(problemsOf('providers:\n  anthropic:\n    key: sk-0123456789\n    background: true\n')).toEqual([expect.stringMatching(/anthropic\.background.*openai only/u)]);
  });

  it('takes prices of models in one currency, and tells every mistake in them', () => {
    const models = (...entries: string[]): string => `providers:\n  local:\n    kind: openai-compatible\n    baseUrl: http://localhost:11434/v1\n    models:\n${entries.map((entry) => `      - ${entry}\n`).join('')}`;
    const { currency, providers } = read(`currency: EUR\n${models('{ name: tiny, price: { input: 0.25, output: 2 } }', 'free')}`);
    expect([currency, providers[0]?.models]).toEqual(['EUR', [{ name: 'tiny', price: { input: 0.25, output: 2 } }, { name: 'free' }]]);
    expect(read(`currency: EUR\n${models('free')}`).currency).toBeUndefined();
    expect(problemsOf(models('{ name: tiny, price: { input: 1, output: 2 } }'))).toEqual(['gorunchat.yaml currency: is needed where a model has a price: one for all, such as EUR']);
    expect(problemsOf(`currency: Taler\n${models('{ name: a, price: { input: -1, output: much } }', '{ name: b, price: { inptu: 1, output: 2 } }')}`).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'gorunchat.yaml:1 currency: must be a currency such as EUR',
      'gorunchat.yaml:7 providers.local.models.0.price.input: must be at least 0',
      'gorunchat.yaml:7 providers.local.models.0.price.output: must be a number',
'gorunchat.yaml:8 providers.local.models.1.price.inptu: is not a setting',
      'gorunchat.yaml:8 providers.local.models.1.price.input: must be a number',
    ]);
  });

  it('says what waits for another reviewer', () => {
    const asked = (value: string) => read(`secondApprover: ${value}\n`).secondApprover;
    expect([read('name: x\n').secondApprover, asked('false'), asked('true'), asked('exports'), asked('reading')]).toEqual([null, null, 'exports', 'exports', 'reading']);
    expect(problemsOf('secondApprover: everything\n')).toEqual(['gorunchat.yaml:1 secondApprover: must be exports (or true), reading (exports as well) or false']);
  });

  it('with three mistakes reports all three, each with its line and in one sentence', () => {
    const problems = problemsOf('port: eighty\nproviders:\n  local:\n    kind: openai-compatibel\n    baseUrl: http://localhost/v1\n  openai:\n    keyy: ${NOPE}\n    key: sk-0123456789\n');
    expect(problems).toEqual([
      'gorunchat.yaml:1 port: must be a whole number',
      'gorunchat.yaml:4 providers.local.kind: must be one of openai, openai-compatible, anthropic, google',
      'gorunchat.yaml:7 providers.openai.keyy: is not a setting; key is',
    ]);
  });

  it('mistakes of the environment, of what is missing and of meaning are in the same report', () => {
    const yaml = 'defaultModel: nowhere/x\nregistraton: { open: true }\nregistration: { opne: true }\nproviders:\n  box:\n    kind: openai-compatible\n  google:\n    key: ${GOOGLE_SECRET}\n    models: [{ name: gemini, visoin: true }]\n  demo:\n    kind: openai\n    key: x\n  Bad Name: {}\n';
    const problems = problemsOf(yaml, { PORT: '99999', HOST: 'not a host', TRUST_PROXY: 'some', ALLOW_REGISTRATION: 'maybe', GORUNCHAT_MASTER_KEY: 'short', LOG_LEVEL: 'loud' });
    expect(problems.join('\n')).toMatchInlineSnapshot(`
      "gorunchat.yaml:3 registration.opne: is not a setting; open is
      gorunchat.yaml:13 providers.Bad Name: must be of small letters, digits, - and _
      gorunchat.yaml:2 registraton: is not a setting; registration is
      gorunchat.yaml:9 providers.google.models.0.visoin: is not a setting; vision is
      gorunchat.yaml:5 providers.box.baseUrl: is needed: the address of the server, such as http://localhost:11434/v1
      gorunchat.yaml:8 providers.google.key: names the environment variable GOOGLE_SECRET, which is not set
      gorunchat.yaml:11 providers.demo.kind: demo is the scripted demo; another name is needed
      HOST: must be a host name or an address
      TRUST_PROXY: must be a number of proxies, or their addresses separated by commas
      gorunchat.yaml:1 defaultModel: names the provider nowhere, which is not there
      GORUNCHAT_MASTER_KEY: must be 64 hex digits
      PORT: must be 0 to 65535
      ALLOW_REGISTRATION: must be true or false
      LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent"
    `);
  });

  it('a key or header never stands in a problem', () => {
    const problems = problemsOf('masterKey: very-secret\nproviders:\n  openai: { key: "very-secret\\n", headers: { "x y": very-secret } }\n', { GORUNCHAT_MASTER_KEY: 'very-secret' });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('very-secret');
  });

  it.each([['a: [', 'not valid YAML'], ['- a\n- b\n', 'must be a map'], ['just text', 'must be a map'], ['a: 1\na: 2\n', 'not valid YAML'], ['a: *nowhere\n', 'gorunchat.yaml']])('that cannot be read says so: %j', (yaml, words) => {
    expect(problemsOf(yaml).join()).toContain(words);
  });

  it('an empty one is as good as none; a named one must be there', () => {
    expect(read('# nothing yet\n').name).toBe('GoRunChat');
    expect(problemsOf(undefined, { GORUNCHAT_CONFIG: 'gone.yaml' })).toEqual(['gone.yaml: could not be read (ENOENT)']);
  });
});

describe('the environment', () => {
  it('goes before the file', () => {
    const config = read('host: 0.0.0.0\nport: 1\nregistration: { open: true }\ntrustProxy: 2\ndata: ./a\n', { HOST: '::1', PORT: '2', ALLOW_REGISTRATION: 'false', TRUST_PROXY: 'loopback, 10.0.0.0/8', GORUNCHAT_DATA: 'b' });
    expect(config).toMatchObject({ host: '::1', port: 2, trustProxy: 'loopback, 10.0.0.0/8', dataFolder: join(folder, 'b'), registration: { isOpen: false, firstCode: undefined } });
  });

  it('brings the providers that LibreChat names there', () => {
    const config = read(undefined, { OPENAI_API_KEY: 'sk-${not-a-variable}', OPENAI_MODELS: 'gpt-5, gpt-4o,', ANTHROPIC_API_KEY: 'user_provided', GOOGLE_KEY: 'AIza', GOOGLE_MODELS: 'gemini-2.5-pro' });
    expect(config.providers).toMatchObject([
      { id: 'openai', kind: 'openai', name: 'OpenAI', key: 'sk-${not-a-variable}', ownKeys: false, fetch: false, models: [{ name: 'gpt-5' }, { name: 'gpt-4o' }] },
      { id: 'anthropic', key: undefined, ownKeys: true, fetch: true, models: [] },
      { id: 'google', key: 'AIza', fetch: false, models: [{ name: 'gemini-2.5-pro' }] },
    ]);
  });

  it('a proxy in front of OpenAI is spoken to in Chat Completions', () => {
    expect(read(undefined, { OPENAI_API_KEY: 'sk-1', OPENAI_REVERSE_PROXY: 'https://proxy.example/v1/chat/completions' }).providers).toMatchObject([{ id: 'openai', kind: 'openai-compatible', baseUrl: 'https://proxy.example/v1' }]);
  });

  it('gives way to the file in what the file says of a provider', () => {
    const config = read('providers:\n  openai:\n    name: Ours\n    models: [gpt-5]\n', { OPENAI_API_KEY: 'sk-1', OPENAI_MODELS: 'gpt-4o' });
    expect(config.providers).toMatchObject([{ id: 'openai', kind: 'openai', name: 'Ours', key: 'sk-1', models: [{ name: 'gpt-5' }] }]);
  });
});

it.each(['0.0.0.0', '::', '192.168.1.5', 'chat.example.org'])('the first account needs a code when the server listens at %s', (host) => {
  const { firstCode } = read(undefined, { HOST: host }).registration;
  expect(firstCode).toMatch(/^[2-9A-HJKMNP-Z]{8}$/u);
  expect(read(undefined, { HOST: host }).registration.firstCode).not.toBe(firstCode);
});

describe('the example file', () => {
  const example = readFileSync(join(import.meta.dirname, '../infra/gorunchat.example.yaml'), 'utf8');

  it('is taken as it is', () => {
    expect(problemsOf(example, { ANTHROPIC_API_KEY: 'sk-1', GOOGLE_KEY: 'AIza' })).toEqual([]);
  });

  it('has every setting that there is', () => {
    const settings = [...Object.keys(FileSettings.shape), ...Object.keys(ProviderEntry.shape)];
    expect(settings.filter((name) => !new RegExp(`^[ #{-]*${name}:`, 'mu').test(example))).toEqual([]);
  });
});
