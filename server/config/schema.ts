import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { COSIGNATURE } from '../../contracts/proofs/cosignature.ts';
import { ED25519, verifierOf } from '../../contracts/proofs/note.ts';
import { ModelId } from '../../contracts/ids.ts';
import { ParameterField } from '../../contracts/models.ts';
import { z } from '../../contracts/zod.ts';
import { PROVIDER_KINDS } from '../providers/settings.ts';
import { CopyEntries } from './copy-entries.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const modelName = z.string().regex(/^[^\s/].{0,199}$/u, 'must be the name of a model, as its provider has it');
const text = z.string().trim().min(1, 'must not be empty');

const PROXIES = 'must be a number of proxies, or their addresses separated by commas';
export const ProviderId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/u, 'must be of small letters, digits, - and _');

export const Port = z.int('must be a whole number').min(0, 'must be 0 to 65535').max(65_535, 'must be 0 to 65535');
/** A name or an address to listen at. */
export const Host = z.string().regex(/^[A-Za-z0-9.:_-]+$/u, 'must be a host name or an address');
export const MasterKey = z.string().trim().regex(/^[0-9a-f]{64}$|^gcp-kms:\/\//iu, 'must be 64 hex digits');
export const Endpoint = z.url({ protocol: /^https?$/u, error: 'must be an address such as http://localhost:4318' });
/** Long enough that nobody finds it by trying. */
export const MetricsToken = z.string().regex(/^[\x21-\x7e]{16,}$/u, 'must be 16 characters or more, without spaces');
export const LogLevel = z.enum(LOG_LEVELS);
const SECONDS_UP_TO_AN_HOUR = 'must be 0 to 3600 seconds, a whole number';
/** An instance that leaves is not to be waited for without end: whoever stops it has to wait as long. */
export const HandOverSeconds = z.int(SECONDS_UP_TO_AN_HOUR).min(0, SECONDS_UP_TO_AN_HOUR).max(3_600, SECONDS_UP_TO_AN_HOUR);
/** Hops, addresses and ranges separated by commas, or whether to trust every proxy. */
export const TrustProxy = z.union([z.boolean(), z.int().min(0).max(100), z.string().refine(areAddresses, PROXIES)], PROXIES);

/** For a million tokens. */
const price = z.number().min(0).max(1_000_000);
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

const ModelEntry = z.union(
  [
    modelName.transform((name) => ({ name })),
    z.strictObject({
      name: modelName,
      label: text.optional(),
      description: text.optional(),
      vision: z.boolean().optional(),
      contextTokens: z.int().min(1).optional(),
      instructions: z.string().max(32_000).optional(),
      fields: z.array(ParameterField).optional(),
      price: z.strictObject({ input: price, output: price }).optional(),
    }),
  ],
  { error: 'must be the name of a model, or a map with name, label, description, vision, contextTokens, instructions, fields and price' },
);

/** One provider as it stands in the file, before the environment is added. */
export const ProviderEntry = z.strictObject({
  kind: z.enum(PROVIDER_KINDS).optional(),
  name: text.max(60).optional(),
  baseUrl: text.optional(),
  key: text.optional(),
  headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, 'must be the name of a header'), z.string()).optional(),
  models: z.array(ModelEntry).max(1_000).optional(),
  fetch: z.boolean().optional(),
  titleModel: modelName.optional(),
  background: z.boolean().optional(),
});
export type ProviderEntry = z.infer<typeof ProviderEntry>;

const WEBHOOK = 'must be an address such as https://siem.example.com/gorunchat';
const Webhook = z.url({ protocol: /^https?$/u, error: WEBHOOK });
const SyslogAddress = z.url({ protocol: /^(?:tls|tcp|udp)$/u, error: 'must be such as tls://siem.example.com:6514, tcp://… or udp://…' });

const WITNESS_NAME = 'must be a name such as witness.example.org/w1, without spaces and plus signs';
const KeyOfLog = z.string().refine((key) => isVerifierKey(key, ED25519), 'must be a public key of a log, as Records shows it');
const KeyOfWitness = z.string().refine((key) => isVerifierKey(key, COSIGNATURE), 'must be a public key of a witness, such as witness.example.org/w1+0123abcd+BA…');
/** What this deployment cosigns for others. */
const OwnWitness = z.strictObject({
  name: z.string().regex(/^[^\s+]{1,200}$/u, WITNESS_NAME),
  logs: z.array(z.strictObject({ origin: z.string().regex(/^\S{1,200}$/u, 'must be the first line of a checkpoint of the log'), keys: z.array(KeyOfLog).min(1, 'must have at least one public key') })).min(1, 'must have at least one log'),
});
/** Who cosigns for this one. */
const Witness = z.strictObject({ url: z.url({ protocol: /^https?$/u, error: 'must be an address such as https://witness.example.org/api/witness' }), key: KeyOfWitness });

const DAYS = 'must be a number of days, 0 to 36500';
const days = z.int(DAYS).min(0, DAYS).max(36_500, DAYS);
/** How long conversations of a class are kept. What has to be kept longer than it may be could never be erased. */
const Schedule = z
  .strictObject({ keepDays: days.optional(), deleteAfterDays: days.min(1, 'must be 1 day or more').optional() })
  .refine(({ keepDays = 0, deleteAfterDays }) => deleteAfterDays === undefined || keepDays <= deleteAfterDays, 'must have deleteAfterDays that are not less than keepDays');

const HOURS = 'must be a whole number of hours from 1 to 8760';
/** The same of temporary ones, which are always deleted: after a day unless it is said otherwise. */
const TemporarySchedule = z
  .strictObject({ keepDays: days.optional(), deleteAfterHours: z.int(HOURS).min(1, HOURS).max(8_760, HOURS).optional() })
  .refine(({ keepDays = 0, deleteAfterHours = 24 }) => keepDays * 24 <= deleteAfterHours, 'must have deleteAfterHours that are not less than keepDays');

/** The file without its providers, which are checked one by one: a mistake in one does not hide those in others. */
export const FileSettings = z.strictObject({
  name: text.max(60).optional(),
  host: Host.optional(),
  port: Port.optional(),
  trustProxy: TrustProxy.optional(),
  data: text.optional(),
  archive: text.optional(),
  copies: CopyEntries.optional(),
  masterKey: text.optional(),
  masterKeyBefore: text.optional(),
  registration: z.strictObject({ open: z.boolean().optional(), domains: z.array(z.string().trim().toLowerCase().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/u, 'must be a domain such as example.org')).optional() }).optional(),
  feeds: z.strictObject({ webhook: z.strictObject({ url: Webhook, secret: text.optional() }).optional(), syslog: SyslogAddress.optional() }).optional(),
  witness: OwnWitness.optional(),
  witnesses: z.array(Witness).max(16, 'must be 16 at most').optional(),
  retention: z.strictObject({ ordinary: Schedule.optional(), temporary: TemporarySchedule.optional(), visitor: Schedule.optional() }).optional(),
  restoreSeconds: z.int().min(0).max(86_400).optional(),
  secondApprover: z.union([z.boolean(), z.enum(['exports', 'reading'])], 'must be exports (or true), reading (exports as well) or false').optional(),
  showHolds: z.boolean().optional(),
  keyBackupDays: z.int('must be a whole number of days').min(1, 'must be 1 day or more').max(3_650).optional(),
  handOverSeconds: HandOverSeconds.optional(),
  logLevel: LogLevel.optional(),
  defaultModel: ModelId.optional(),
  demo: z.boolean().optional(),
  currency: z.string().refine((name) => CURRENCIES.has(name), 'must be a currency such as EUR').optional(),
  providers: z.record(ProviderId, z.unknown()).optional(),
});
export type FileSettings = z.infer<typeof FileSettings>;

function areAddresses(list: string): boolean {
  return list.split(',').map((one) => one.trim()).every((one) => {
    const [address = '', bits, ...rest] = one.split('/');
    const version = isIP(address);
    if (version === 0) return ['loopback', 'linklocal', 'uniquelocal'].includes(one);
    return rest.length === 0 && (bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
  });
}

function isVerifierKey(key: string, algorithm: number): boolean {
  try {
    verifierOf({ sha256: () => createHash('sha256'), isSigned: () => false }, key, algorithm);
    return true;
  } catch {
    return false; // said as a problem of the file
  }
}
