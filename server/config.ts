import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { ModelId } from '../contracts/ids.ts';
import type { RegistrationRules } from './accounts/people.ts';
import { pathOrOff, readCopies, type CopySettings } from './config/copies.ts';
import { readCluster, sharedCode, type ClusterSettings } from './config/cluster.ts';
import { variablesOf, type Environment, type Variables } from './config/environment.ts';
import { readSettingsFile, type SettingsFile } from './config/file.ts';
import { Problems } from './config/problems.ts';
import { readProviders } from './config/providers.ts';
import { toldOf, type TellBy } from './config/told.ts';
import { Endpoint, FileSettings, HandOverSeconds, Host, LogLevel, MasterKey, MetricsToken, Port, TrustProxy } from './config/schema.ts';
import { KEPT, type Retention } from './conversations/retention.ts';
import { BEFORE, CURRENT } from './journal/master-keys.ts';
import type { ProviderSettings } from './providers/settings.ts';

export { ConfigProblems } from './config/problems.ts';

export interface Config {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Whose word about the address of a visitor is taken. */
  readonly trustProxy: boolean | string | ((address: string, hop: number) => boolean);
  readonly dataFolder: string;
  /** Where the copy of the log outside the store is; `undefined`: there is none. */
  readonly archiveFolder: string | undefined;
  /** Other copies of it. */
  readonly copies: CopySettings;
  /** What this instance shares with others; `undefined` when it is the only one. */
  readonly cluster: ClusterSettings | undefined;
  /** How long an instance that leaves waits for its running turns, before others conclude them as interrupted. 0 for a single instance: nobody else is there to show how they end. */
  readonly handOverMs: number;
  readonly clientFolder: string;
  /** 64 hex digits, or a line in which they stand wrapped by a key service. */
  readonly masterKey: string | undefined;
  /** The one before it, given in the same way while keys may still be wrapped by it. */
  readonly masterKeyBefore: string | undefined;
  /** Where Google Cloud KMS is asked; `undefined`: at its public address. */
  readonly kmsEndpoint: string | undefined;
  readonly registration: RegistrationRules;
  readonly restoreMs: number;
  readonly retention: Retention;
  /** Where the audit log is sent on to. */
  readonly feeds: FeedSettings;
  /** What this deployment cosigns for others; `undefined`: nothing. */
  readonly witness: NonNullable<FileSettings['witness']> | undefined;
  /** Who cosigns for this one, and how often they are asked at most. */
  readonly witnesses: NonNullable<FileSettings['witnesses']>;
  readonly witnessEveryMs: number;
  /** What a reviewer asks for waits for another one: exports; or reading, and then exports, too, since what is taken away can be read. */
  readonly secondApprover: 'exports' | 'reading' | null;
  /** Whether people are told that something of theirs is kept for a case. */
  readonly showsHolds: boolean;
  /** For how many days `backup` leaves the keys of earlier backups where they are. */
  readonly keyBackupDays: number;
  /** What was said of all this, as it goes on record: without secrets. */
  readonly told: TellBy;
  readonly logLevel: string;
  /** Whoever brings it may read the metrics from elsewhere than this machine. */
  readonly metricsToken: string | undefined;
  /** Where an OpenTelemetry collector takes traces; `undefined`: nothing is traced. */
  readonly tracesEndpoint: string | undefined;
  readonly providers: readonly ProviderSettings[];
  readonly defaultModel: ModelId | undefined;
  /** Of all prices; there when a model has one. */
  readonly currency: string | undefined;
  /** Whether the scripted demo is there; `undefined`: when there is no provider. */
  readonly hasDemo: boolean | undefined;
  /** The pace of the scripted demo. */
  readonly demoWordsPerSecond: number;
}

/**
 * The only reader of the environment and of `gorunchat.yaml` (`GORUNCHAT_CONFIG`, else in the working folder). A variable goes before the file, but for providers,
 * where the file goes first for what it says. Throws `ConfigProblems` with everything that is wrong, and no value of it.
 */
export function readConfig(environment: Environment, workingFolder: string = process.cwd()): Config {
  const problems = new Problems();
  const variables = variablesOf(environment, problems);
  const file = readSettingsFile(variables.text('GORUNCHAT_CONFIG'), workingFolder, problems);
  const settings = file?.take(FileSettings, [], problems) ?? {};
  const providers = readProviders(file, variables, problems);
  const host = variables.as('HOST', Host) ?? settings.host ?? '127.0.0.1';
  const hops = variables.as('TRUST_PROXY', TrustProxy) ?? settings.trustProxy ?? false;
  checkCurrency(settings, providers, file, problems);
  checkDefaultModel(settings, providers, file, problems);
  const masterKey = masterKeyOf('masterKey', settings, file, variables, problems);
  const masterKeyBefore = masterKeyOf('masterKeyBefore', settings, file, variables, problems);
  const cluster = readCluster(variables, masterKey, problems);
  const dataFolder = dataFolderOf(settings, file, variables, workingFolder);
  const where = { workingFolder, fileFolder: file?.folder ?? workingFolder, data: cluster === undefined ? dataFolder : undefined };
  const config: Omit<Config, 'told'> = {
    name: settings.name ?? 'GoRunChat',
    host,
    port: variables.as('PORT', Port) ?? settings.port ?? 3080,
    trustProxy: typeof hops === 'number' ? trustedHops(hops) : hops,
    dataFolder,
    archiveFolder: pathOrOff(variables.text('GORUNCHAT_ARCHIVE'), settings.archive, { ...where, otherwise: where.data && join(where.data, 'archive') }),
    copies: readCopies(settings.copies ?? {}, variables, where, problems),
    clientFolder: join(import.meta.dirname, '../client/dist'),
    masterKey,
    masterKeyBefore,
    kmsEndpoint: variables.as('GORUNCHAT_KMS_ENDPOINT', Endpoint),
    cluster,
    handOverMs: handOverMsOf(settings, variables, cluster),
    registration: {
      isOpen: variables.flag('ALLOW_REGISTRATION') ?? settings.registration?.open ?? true,
      domains: settings.registration?.domains ?? [],
      firstCode: isLoopback(host) ? undefined : cluster === undefined ? newCode() : firstCodeUnder(masterKey ?? ''),
    },
    restoreMs: (settings.restoreSeconds ?? 10) * 1_000,
    feeds: readFeeds(settings, file, variables),
    witness: settings.witness,
    witnesses: settings.witnesses ?? [],
    witnessEveryMs: 60_000,
    retention: retentionOf(settings.retention),
    secondApprover: settings.secondApprover === true ? 'exports' : settings.secondApprover || null,
    showsHolds: settings.showHolds ?? false,
    keyBackupDays: settings.keyBackupDays ?? 7,
    logLevel: variables.as('LOG_LEVEL', LogLevel) ?? settings.logLevel ?? 'warn',
    metricsToken: variables.as('METRICS_TOKEN', MetricsToken),
    tracesEndpoint: variables.as('OTEL_EXPORTER_OTLP_ENDPOINT', Endpoint),
    providers,
    defaultModel: settings.defaultModel,
    currency: providers.some(hasPrice) ? settings.currency : undefined,
    hasDemo: settings.demo,
    demoWordsPerSecond: 28,
  };
  problems.check();
  return { ...config, told: toldOf(settings, variables, config) };
}

function retentionOf({ ordinary, temporary, visitor }: NonNullable<FileSettings['retention']> = {}): Retention {
  const { keepDays = 0, deleteAfterHours = 24 } = temporary ?? {};
  return { ordinary: { ...KEPT.ordinary, ...ordinary }, temporary: { keepDays, deleteAfterDays: deleteAfterHours / 24 }, visitor: { ...KEPT.visitor, ...visitor } };
}

export interface FeedSettings {
  readonly webhook: { readonly url: string; readonly secret: string | undefined } | undefined;
  readonly syslog: string | undefined;
}

function readFeeds({ feeds }: FileSettings, file: SettingsFile | undefined, variables: Variables): FeedSettings {
  const webhook = feeds?.webhook;
  const secret = webhook?.secret === undefined ? undefined : variables.fill(webhook.secret, file?.place(['feeds', 'webhook', 'secret']) ?? '');
  return { webhook: webhook && { url: webhook.url, secret }, syslog: feeds?.syslog };
}

/** Read for a single instance as well, so that a mistake in it is told before there are others. */
function handOverMsOf(settings: FileSettings, variables: Variables, cluster: ClusterSettings | undefined): number {
  const seconds = variables.as('HAND_OVER_SECONDS', HandOverSeconds) ?? settings.handOverSeconds ?? HAND_OVER_SECONDS;
  return cluster === undefined ? 0 : seconds * 1_000;
}

function dataFolderOf(settings: FileSettings, file: SettingsFile | undefined, variables: Variables, workingFolder: string): string {
  const named = variables.text('GORUNCHAT_DATA');
  if (named !== undefined) return resolve(workingFolder, named);
  return settings.data === undefined ? join(import.meta.dirname, '../data') : resolve(file?.folder ?? workingFolder, settings.data);
}

function masterKeyOf(name: keyof typeof MASTER_KEYS, settings: FileSettings, file: SettingsFile | undefined, variables: Variables, problems: Problems): string | undefined {
  const fromEnvironment = variables.text(MASTER_KEYS[name]);
  const place = fromEnvironment === undefined ? (file?.place([name]) ?? '') : MASTER_KEYS[name];
  const inFile = settings[name];
  const key = fromEnvironment ?? (inFile === undefined ? undefined : variables.fill(inFile, place));
  if (key !== undefined && !MasterKey.safeParse(key).success) problems.add(place, 'must be 64 hex digits');
  return key;
}

const MASTER_KEYS = { masterKey: CURRENT.variable, masterKeyBefore: BEFORE.variable } as const;

const hasPrice = ({ models }: ProviderSettings): boolean => models.some(({ price }) => price !== undefined);

function checkCurrency({ currency }: FileSettings, providers: readonly ProviderSettings[], file: SettingsFile | undefined, problems: Problems): void {
  if (file === undefined || currency !== undefined || file.content['currency'] !== undefined || !providers.some(hasPrice)) return;
  problems.add(file.place(['currency']), 'is needed where a model has a price: one for all, such as EUR');
}

function checkDefaultModel({ defaultModel, demo }: FileSettings, providers: readonly ProviderSettings[], file: SettingsFile | undefined, problems: Problems): void {
  if (defaultModel === undefined || file === undefined) return;
  const slash = defaultModel.indexOf('/');
  const id = defaultModel.slice(0, slash);
  const provider = providers.find((one) => one.id === id);
  const hasDemo = defaultModel === 'demo/demo' && (demo ?? providers.every((one) => one.ownKeys));
  const isWrongAnyway = Object.hasOwn((file.content['providers'] as object | undefined) ?? {}, id);
  if (provider === undefined && !hasDemo && !isWrongAnyway) problems.add(file.place(['defaultModel']), `names the provider ${id}, which is not there`);
  if (provider?.fetch === false && provider.models.every((model) => model.name !== defaultModel.slice(slash + 1))) {
    problems.add(file.place(['defaultModel']), `is not among the models of ${id}`);
  }
}

/** So many proxies stand in front, counted from this server. */
function trustedHops(count: number): Config['trustProxy'] {
  return count > 0 && ((_address, hop) => hop < count);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/u.test(host);
}

/** Most replies end within it, and it is less than the 30 seconds after which orchestrators kill what does not end. */
const HAND_OVER_SECONDS = 25;

/** Signs that nobody takes for one another. */
const CODE_SIGNS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const CODE_LENGTH = 8;

/** The code for the first account of several instances under this master key. */
export function firstCodeUnder(masterKey: string): string {
  return sharedCode(masterKey, CODE_SIGNS, CODE_LENGTH);
}

function newCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_SIGNS[randomInt(CODE_SIGNS.length)]).join('');
}
