import { createHash } from 'node:crypto';
import type { Told } from '../../contracts/records.ts';
import type { RegistrationRules } from '../accounts/people.ts';
import type { ProviderSettings } from '../providers/settings.ts';
import type { Variables } from './environment.ts';
import { areNamed } from './providers.ts';
import type { FileSettings } from './schema.ts';

/** Of instructions for a model so much is told as it is. */
const MOST_INSTRUCTIONS = 500;

type Tell<K extends keyof FileSettings> = 'as it is' | 'nothing' | ((said: NonNullable<FileSettings[K]>) => unknown);

/** What is told of each setting. One that is not in this table does not compile. */
const TELLS: { readonly [K in keyof Required<FileSettings>]: Tell<K> } = {
  name: 'as it is',
  // Of one machine: instances of one deployment may each have others.
  host: 'nothing',
  port: 'nothing',
  data: 'nothing',
  logLevel: 'nothing',
  handOverSeconds: 'nothing',
  trustProxy: 'as it is',
  archive: 'as it is',
  copies: 'as it is',
  // A secret, whose change has records of its own.
  masterKey: 'nothing',
  masterKeyBefore: 'nothing',
  registration: 'as it is',
  feeds: ({ webhook, syslog }) => ({ webhook: webhook && { url: addressOf(webhook.url), isSigned: webhook.secret !== undefined }, syslog: syslog && addressOf(syslog) }),
  witness: 'as it is',
  witnesses: (all) => all.map(({ url, key }) => `${addressOf(url)} ${key}`),
  retention: 'as it is',
  restoreSeconds: 'as it is',
  secondApprover: 'as it is',
  showHolds: 'as it is',
  keyBackupDays: 'as it is',
  defaultModel: 'as it is',
  demo: 'as it is',
  currency: 'as it is',
  // Told as they were read, with what the environment says of them.
  providers: 'nothing',
};

/**
 * What the file and the environment say, without secrets and without what each machine has for itself. What neither of them says is not in it. The environment goes before the file, but for providers and
 * whether anybody may register, which come here as both have made them.
 */
export function toldOf(settings: FileSettings, variables: Variables, { providers, registration }: { readonly providers: readonly ProviderSettings[]; readonly registration: Pick<RegistrationRules, 'isOpen'> }): Told {
  const inFile = Object.entries(TELLS).map(([name, tell]) => {
    const said = settings[name as keyof FileSettings];
    if (said === undefined || tell === 'nothing') return {};
    return { [name]: tell === 'as it is' ? said : (tell as (said: unknown) => unknown)(said) };
  });
  const told = new Map<string, string | number | boolean>();
  for (const one of inFile) tellAll(one, '', told);
  tellEnvironment(variables, registration.isOpen, told);
  for (const provider of areNamed(settings.providers, variables) ? providers : []) tellAll(ofProvider(provider), `providers.${provider.id}`, told);
  return Object.fromEntries([...told].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const WHOLE = { GORUNCHAT_ARCHIVE: 'archive', GORUNCHAT_DUCKDB: 'copies.duckdb', GORUNCHAT_CLOUD_STORAGE: 'copies.cloudStorage', GORUNCHAT_BIGQUERY: 'copies.bigquery', TRUST_PROXY: 'trustProxy' } as const;

function tellEnvironment(variables: Variables, isOpen: boolean, told: Map<string, string | number | boolean>): void {
  for (const [variable, name] of Object.entries(WHOLE)) {
    const said = variables.text(variable);
    if (said === undefined) continue;
    for (const key of told.keys()) if (key.startsWith(`${name}.`)) told.delete(key);
    told.set(name, said);
  }
  if (variables.text('ALLOW_REGISTRATION') !== undefined) told.set('registration.open', isOpen);
}

function ofProvider({ kind, name, baseUrl, key, ownKeys, headers, models, fetch, titleModel, background }: ProviderSettings): object {
  return {
    kind, name, baseUrl: baseUrl && addressOf(baseUrl), key: ownKeys ? 'of each person' : key === undefined ? 'none' : 'given',
    headers: Object.keys(headers), models: models.map((model) => model.name), fetch, titleModel, background,
    model: Object.fromEntries(models.map(({ name: called, instructions, price }) => [called, { instructions: instructions && shortened(instructions), price: price && `${price.input} / ${price.output}` }])),
  };
}

/** Each leaf under its path. A list of texts is one text, as `gorunchat.yaml` could have it. */
function tellAll(said: unknown, path: string, told: Map<string, string | number | boolean>): void {
  if (said === undefined || said === null) return;
  if (Array.isArray(said) && said.every((one) => typeof one === 'string')) {
    if (said.length > 0) told.set(path, said.join(', '));
  } else if (typeof said === 'object') {
    for (const [name, inner] of Object.entries(said)) tellAll(inner, path === '' ? name : `${path}.${name}`, told);
  } else told.set(path, said as string | number | boolean);
}

/** Which server an address is of. What else it holds may be a secret, so that is named by a hash: whoever has the address can tell that it is this one, and a change of it is seen. */
function addressOf(address: string): string {
  const url = URL.parse(address);
  if (url === null) return named(address);
  const server = `${url.protocol}//${url.host}`;
  return url.username === '' && url.search === '' && ['', '/'].includes(url.pathname) ? server : `${server}/… (${named(address)})`;
}

const shortened = (text: string): string => (text.length <= MOST_INSTRUCTIONS ? text : `${text.slice(0, MOST_INSTRUCTIONS)}… (${named(text)})`);

const named = (secret: string): string => createHash('sha256').update(secret).digest('hex').slice(0, 8);
