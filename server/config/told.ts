import type { Told } from '../../contracts/records.ts';
import type { RegistrationRules } from '../accounts/people.ts';
import type { ModelSettings, ProviderSettings } from '../providers/settings.ts';
import type { Variables } from './environment.ts';
import { areNamed } from './providers.ts';
import type { FileSettings } from './schema.ts';

/** Of instructions for a model so much is told as it is. */
const MOST_INSTRUCTIONS = 80;

/** Names what is not told as it is, so that nobody can find out what it was, and a change of it is seen. */
type NameFor = (secret: string) => string;

/** What a deployment was told about itself, once there is a key under which secrets can be named. */
export type TellBy = (nameFor: NameFor) => Told;

type Tell<K extends keyof FileSettings> = 'as it is' | 'nothing' | ((said: NonNullable<FileSettings[K]>, nameFor: NameFor) => unknown);

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
  feeds: ({ webhook, syslog }, nameFor) => ({ webhook: webhook && { url: addressOf(webhook.url, nameFor), isSigned: webhook.secret !== undefined }, syslog: syslog && addressOf(syslog, nameFor) }),
  witness: 'as it is',
  witnesses: (all, nameFor) => all.map(({ url, key }) => `${addressOf(url, nameFor)} ${key}`),
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
export function toldOf(settings: FileSettings, variables: Variables, { providers, registration }: { readonly providers: readonly ProviderSettings[]; readonly registration: Pick<RegistrationRules, 'isOpen'> }): TellBy {
  return (nameFor) => {
    const told: Tells = new Map();
    for (const [name, tell] of Object.entries(TELLS)) {
      const said = settings[name as keyof FileSettings];
      if (said !== undefined && tell !== 'nothing') tellAll(tell === 'as it is' ? said : (tell as (said: unknown, nameFor: NameFor) => unknown)(said, nameFor), name, told);
    }
    tellEnvironment(variables, registration.isOpen, nameFor, told);
    for (const provider of areNamed(settings.providers, variables) ? providers : []) tellAll(ofProvider(provider, nameFor), `providers.${provider.id}`, told);
    return Object.fromEntries([...told].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
}

type Tells = Map<string, Told[string]>;

/** Variables in the place of something in the file. */
const WHOLE = { GORUNCHAT_ARCHIVE: 'archive', GORUNCHAT_DUCKDB: 'copies.duckdb', GORUNCHAT_CLOUD_STORAGE: 'copies.cloudStorage', GORUNCHAT_BIGQUERY: 'copies.bigquery', TRUST_PROXY: 'trustProxy' } as const;
/** Addresses that stand in no file. */
const ADDRESSES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'GORUNCHAT_KMS_ENDPOINT'] as const;

function tellEnvironment(variables: Variables, isOpen: boolean, nameFor: NameFor, told: Tells): void {
  for (const [variable, name] of Object.entries(WHOLE)) {
    const said = variables.text(variable);
    if (said === undefined) continue;
    for (const key of told.keys()) if (key.startsWith(`${name}.`)) told.delete(key);
    told.set(name, said);
  }
  for (const variable of ADDRESSES) {
    const said = variables.text(variable);
    if (said !== undefined) told.set(variable, addressOf(said, nameFor));
  }
  if (variables.text('METRICS_TOKEN') !== undefined) told.set('METRICS_TOKEN', 'given');
  if (variables.text('ALLOW_REGISTRATION') !== undefined) told.set('registration.open', isOpen);
}

function ofProvider({ kind, name, baseUrl, key, ownKeys, headers, models, fetch, titleModel, background }: ProviderSettings, nameFor: NameFor): object {
  return {
    kind, name, baseUrl: baseUrl && addressOf(baseUrl, nameFor), key: ownKeys ? 'of each person' : key === undefined ? 'none' : 'given',
    headers: Object.keys(headers), models: models.map((model) => model.name), fetch, titleModel, background,
    model: Object.fromEntries(models.map(({ name: called, ...model }) => [called, ofModel(model, nameFor)])),
  };
}

function ofModel({ instructions, price, ...more }: Omit<ModelSettings, 'name'>, nameFor: NameFor): object {
  const others = Object.entries(more).filter(([, value]) => value !== undefined);
  return { instructions: instructions && shortened(instructions, nameFor), price: price && `${price.input} / ${price.output}`, ...(others.length > 0 && { others: `${others.map(([name]) => name).join(', ')} (${nameFor(JSON.stringify(others))})` }) };
}

/** Each leaf under its path. A list of texts is one text, as `gorunchat.yaml` could have it. */
function tellAll(said: unknown, path: string, told: Tells): void {
  if (said === undefined || said === null) return;
  if (Array.isArray(said) && said.every((one) => typeof one === 'string')) {
    if (said.length > 0) told.set(path, said.join(', '));
  } else if (typeof said === 'object') {
    for (const [name, inner] of Object.entries(said)) tellAll(inner, `${path}.${name}`, told);
  } else told.set(path, said as Told[string]);
}

/** Which server an address is of. What else it holds may be a secret. */
function addressOf(address: string, nameFor: NameFor): string {
  const url = URL.parse(address);
  if (url === null) return nameFor(address);
  const server = `${url.protocol}//${url.host}`;
  return [server, `${server}/`].includes(url.href) ? server : `${server}/… (${nameFor(address)})`;
}

const shortened = (text: string, nameFor: NameFor): string => (text.length <= MOST_INSTRUCTIONS ? text : `${text.slice(0, MOST_INSTRUCTIONS)}… (${nameFor(text)})`);
