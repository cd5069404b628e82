import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../config.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gorunchat-told-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function told(yaml: string, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, 'gorunchat.yaml'), yaml);
  return readConfig(environment, folder).told((secret) => createHash('sha256').update(secret).digest('hex').slice(0, 8));
}

const SECRETS = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.example.com/secret-7', METRICS_TOKEN: 'secret-8-secret-8', OPENAI_API_KEY: 'sk-secret-1', LOCAL_KEY: 'secret-2', TENANT: 'secret-3', HOOK: 'secret-4' };
const FILE = `
name: Kiln
port: 4000
masterKey: "${'0'.repeat(64)}"
secondApprover: reading
showHolds: true
registration: { open: false, domains: [kiln.example, roe.example] }
retention: { ordinary: { keepDays: 400, deleteAfterDays: 800 }, temporary: { deleteAfterHours: 2 } }
archive: off
copies: { cloudStorage: { bucket: kiln-archive, prefix: chat }, bigquery: { project: kiln-data, dataset: chat } }
feeds: { webhook: { url: "https://siem.example.com/in/secret-5", secret: "\${HOOK}" }, syslog: "tls://log.example.com:6514" }
currency: EUR
providers:
  local: { kind: openai-compatible, baseUrl: "http://localhost:11434/v1?code=secret-6", key: "\${LOCAL_KEY}", headers: { X-Tenant: "\${TENANT}" }, models: [small, { name: large, vision: true, instructions: Be brief., price: { input: 1, output: 2.5 } }] }
`;

it('[RE28] all that the file and the environment say of the deployment is told by its name, and neither a secret nor what one machine has', () => {
  const all = told(FILE, SECRETS);
  expect(JSON.stringify(all)).not.toMatch(/secret|000/u);
  const hash = expect.stringMatching(/^\S+\/… \([0-9a-f]{8}\)$/u) as string;
  expect(all).toEqual({
    'METRICS_TOKEN': 'given', 'OTEL_EXPORTER_OTLP_ENDPOINT': hash, 'name': 'Kiln', 'secondApprover': 'reading', 'showHolds': true, 'registration.open': false, 'registration.domains': 'kiln.example, roe.example',
    'retention.ordinary.keepDays': 400, 'retention.ordinary.deleteAfterDays': 800, 'retention.temporary.deleteAfterHours': 2,
    'archive': 'off', 'copies.cloudStorage.bucket': 'kiln-archive', 'copies.cloudStorage.prefix': 'chat', 'copies.bigquery.project': 'kiln-data', 'copies.bigquery.dataset': 'chat',
    'feeds.webhook.url': hash, 'feeds.webhook.isSigned': true, 'feeds.syslog': 'tls://log.example.com:6514', 'currency': 'EUR',
    'providers.local.kind': 'openai-compatible', 'providers.local.name': 'local', 'providers.local.baseUrl': hash, 'providers.local.key': 'given', 'providers.local.headers': 'X-Tenant',
    'providers.local.models': 'small, large', 'providers.local.model.large.instructions': 'Be brief.', 'providers.local.model.large.price': '1 / 2.5', 'providers.local.model.large.others': expect.stringMatching(/^vision \([0-9a-f]{8}\)$/u) as string, 'providers.local.fetch': false, 'providers.local.background': false,
    'providers.openai.kind': 'openai', 'providers.openai.name': 'OpenAI', 'providers.openai.key': 'given', 'providers.openai.fetch': true, 'providers.openai.background': false,
  });
  expect(Object.keys(all)).toEqual(Object.keys(all).toSorted());
});

it('of an address that holds more than a server every change is seen', () => {
  const of = (url: string): unknown => told(`feeds: { webhook: { url: "${url}" } }`)['feeds.webhook.url'];
  expect(of('https://siem.example.com/')).toBe('https://siem.example.com');
  expect(new Set(['/a', '/b', '/a?c', '/a?d'].map((path) => of(`https://siem.example.com${path}`))).size).toBe(4);
});

it('the environment goes before the file, and who says nothing is told nothing', () => {
  const given = { GORUNCHAT_ARCHIVE: '/mnt/records', GORUNCHAT_CLOUD_STORAGE: 'gs://other/chat', GORUNCHAT_DUCKDB: 'off', ALLOW_REGISTRATION: 'yes', TRUST_PROXY: '1' };
  expect(told('archive: off\nregistration: { open: false }\ncopies: { cloudStorage: { bucket: kiln-archive, prefix: chat } }\n', given)).toEqual({ 'archive': '/mnt/records', 'copies.cloudStorage': 'gs://other/chat', 'copies.duckdb': 'off', 'registration.open': true, 'trustProxy': '1' });
  expect(told('')).toEqual({});
});

it('long instructions are told by their beginning, and a change at their end is seen', () => {
  const of = (end: string): string => String(told(`providers: { local: { kind: openai-compatible, baseUrl: "http://localhost:1", key: user_provided, models: [{ name: a, instructions: "${'Be brief. '.repeat(900)}${end}" }] } }`)['providers.local.model.a.instructions']);
  expect(of('x')).toMatch(/^(?:Be brief\. ){8}… \([0-9a-f]{8}\)$/u);
  expect(of('x')).not.toBe(of('y'));
});
