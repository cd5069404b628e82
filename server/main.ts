import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { Failure } from '../contracts/failures.ts';
import type { ConversationId, SessionId, SiteId, UserId } from '../contracts/ids.ts';
import type { Standing } from '../contracts/records.ts';
import { openAccounts } from './accounts/accounts.ts';
import { openAccesses } from './accounts/accesses.ts';
import { sealAddresses } from './accounts/addresses.ts';
import { openCases } from './accounts/cases.ts';
import { openExportWork } from './accounts/export-work.ts';
import { openExports } from './accounts/exports.ts';
import { openRemoval } from './accounts/removal.ts';
import { openSigningKey } from './accounts/signing-key.ts';
import { unlock } from './accounts/unlocking.ts';
import type { Bus } from './bus/bus.ts';
import { memoryBus } from './bus/memory.ts';
import type { Sealing } from './bus/redis.ts';
import { localRooms, type Rooms } from './bus/rooms.ts';
import { systemClock, type Clock } from './clock.ts';
import { ConfigProblems, firstCodeUnder, readConfig, type Config } from './config.ts';
import { openDiscovery } from './conversations/discovery.ts';
import type { TakenOver } from './conversations/actors.ts';
import { Directory } from './conversations/directory.ts';
import { DraftTick } from './conversations/draft-tick.ts';
import { openExpiring } from './conversations/expiring.ts';
import { openFiles } from './conversations/files.ts';
import { openGiving } from './conversations/giving.ts';
import type { LiveConversation } from './conversations/live.ts';
import type { Question } from './conversations/questions.ts';
import { openRows } from './conversations/rows.ts';
import { openSearch } from './conversations/search.ts';
import { openSiteNumbers } from './conversations/site-numbers.ts';
import { startSweep } from './conversations/sweep.ts';
import { repairSearch } from './conversations/words.ts';
import { startGateway } from './gateway/gateway.ts';
import { listenLocally } from './gateway/local.ts';
import { DEPLOYMENT, openAudit } from './journal/audit.ts';
import { newId } from './ids.ts';
import { backupRecorder, type RecordBackup } from './journal/backup-record.ts';
import { openAuditReader } from './journal/audit-reader.ts';
import { epochsAfter } from './journal/lineage.ts';
import { startProofs } from './journal/proofs.ts';
import { openDispositions } from './journal/dispositions.ts';
import { startFeeding, type FeedingWorld, type FeedState } from './journal/feeding.ts';
import type { Feed } from './journal/feeds/feed.ts';
import { syslogFeed } from './journal/feeds/syslog.ts';
import { webhookFeed } from './journal/feeds/webhook.ts';
import { recordConfiguration } from './journal/configured.ts';
import { openSigners, type Signers } from './journal/signers.ts';
import { Sealer } from './journal/sealer.ts';
import { startShipping, type CopyState } from './journal/ship.ts';
import type { Sink } from './journal/sinks/sink.ts';
import { folderSink } from './journal/sinks/folder.ts';
import { wantedSinks, type OpenSinks } from './journal/sinks/wanted.ts';
import { isWrapped, unwrapMasterKey, type OpenKeyService } from './journal/key-service.ts';
import type { Keys } from './journal/keys.ts';
import { BEFORE, CURRENT } from './journal/master-keys.ts';
import type { Noticed } from './journal/noticed.ts';
import { startRotation, type Rotation, type RotationWorld } from './journal/rotation.ts';
import { openBytes, sealBytes, type Key } from './journal/seal.ts';
import { openHealth } from './observe/health.ts';
import { openLog, type Logger } from './observe/log.ts';
import { LoopLag, watchLoop } from './observe/loop-lag.ts';
import { measuredBus, measuredStore } from './observe/measured.ts';
import { openMetrics, type Meter, type Metrics } from './observe/metrics.ts';
import { tracedBus, tracedCatalog, tracedSealing, tracedStore } from './observe/traced.ts';
import { openTraces, UNTRACED, type Traces } from './observe/traces.ts';
import { watchWrites } from './observe/writes.ts';
import { openCatalog } from './providers/catalog.ts';
import { openPrices } from './providers/prices.ts';
import { CannotStart, endWith, reasonOf, whoAsks } from './start-up.ts';
import { sqliteStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';

/** How long the tabs of an instance that leaves are sent away. */
const LEAVE_WITHIN_MS = 2_000;

export interface Running {
  readonly url: string;
  readonly port: number;
  /** Whether there was an account at the start. */
  readonly hasAnybody: boolean;
  /** What the first account is asked for. */
  readonly firstCode: string | undefined;
  /** Resolves with a sentence when it has to end by itself. */
  readonly over: Promise<string>;
  close(): Promise<void>;
}

const LEFT_BEHIND = 'Another master key has taken the place of the one that this instance was given, while it was not heard of. Start it again with the new one.';

/**
 * Composes the product and starts it; the only place that names adapters. Throws `CannotStart` for what the person who starts it can put right.
 * `wrap` lets a test stand between the product and its store, `mostPages` (of 4,096 bytes) lets it fill the disk.
 */
export async function start(given: Config, wrap: (store: Store) => Store = (store) => store, mostPages?: number): Promise<Running> {
  const endings: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= endAll(endings));
  try {
    const logger = openLog(given.logLevel);
    const config = await withMasterKey(given).catch(CannotStart.because);
    const store = await storeOf(config, reportTo(logger), mostPages).catch(CannotStart.because);
    endings.push(() => store.close());
    return { ...(await compose(config, wrap(store), logger, endings)), close };
  } catch (error) {
    await close();
    throw reasonOf(error, given);
  }
}

/** With the master key as it is, where a key service holds what it is wrapped with. Nothing is opened before; rejects with a sentence when the service refuses. */
export async function withMasterKey(config: Config): Promise<Config> {
  const [masterKey, masterKeyBefore] = await Promise.all([unwrapped(config, CURRENT.file, config.masterKey), unwrapped(config, BEFORE.file, config.masterKeyBefore)]);
  const { firstCode } = config.registration;
  const isShared = config.cluster !== undefined && firstCode !== undefined && masterKey !== undefined;
  return { ...config, masterKey, masterKeyBefore, registration: { ...config.registration, firstCode: isShared ? firstCodeUnder(masterKey) : firstCode } };
}

async function unwrapped(config: Config, name: string, given: string | undefined): Promise<string | undefined> {
  const file = join(config.dataFolder, name);
  const text = given ?? (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return isWrapped(text) ? unwrapMasterKey(text, keyServiceOf(config)) : given;
}

/** The client takes a moment to load, so whoever has no such key does without it. */
export function keyServiceOf({ kmsEndpoint }: Pick<Config, 'kmsEndpoint'>): OpenKeyService {
  return async (key) => (await import('./journal/kms/google.ts')).googleKms(key, kmsEndpoint);
}

const openSinks: OpenSinks = {
  folder: folderSink,
  cloudStorage: async (settings) => (await import('./journal/sinks/cloud-storage.ts')).cloudStorageSink(settings),
  duckdb: async (file) => (await import('./journal/sinks/duckdb.ts')).duckdbSink(file),
  bigquery: async (settings) => (await import('./journal/sinks/bigquery.ts')).bigquerySink(settings),
};

/** Drivers take a moment to load, so a single instance does without those of several. */
async function storeOf(config: Config, report: Report, mostPages: number | undefined): Promise<Store> {
  if (config.cluster !== undefined) return (await import('./store/mongo.ts')).mongoStore({ uri: config.cluster.mongoUrl, report });
  return sqliteStore({ folder: config.dataFolder, ...(mostPages !== undefined && { mostPages }) });
}

/** The name of the key under which instances write to each other. */
const BETWEEN = 'between instances';

async function busOf({ cluster }: Config, store: Store, keys: Keys, after: number, report: Report): Promise<{ bus: Bus; rooms: Rooms }> {
  if (cluster === undefined) return { bus: memoryBus(), rooms: localRooms() };
  const keyed = async (conversation: ConversationId) => {
    const key = await keys.of(conversation);
    if (key === undefined) throw new Failure('erased');
    return sealingWith(key);
  };
  const shared = await openSigningKey(store, keys, BETWEEN)(); // of the data, and not of a master key: instances that have different ones must hear each other
  const derived = (what: string): Buffer => createHmac('sha256', shared).update(what).digest();
  const between = sealingWith(derived(BETWEEN));
  const [{ redisBus }, { redisRooms }] = await Promise.all([import('./bus/redis.ts'), import('./bus/redis/rooms.ts')]);
  const bus = await redisBus({ url: cluster.redisUrl, instance: newId(), keyed, between, epochsAfter: after, report });
  const rooms = await redisRooms({ url: cluster.redisUrl, between, deployment: derived('rooms').toString('base64url').slice(0, 16) }).catch(async (error: unknown) => {
    await bus.serve({ answer: () => Promise.resolve(null), lost: () => undefined })();
    throw error;
  });
  return { bus, rooms };
}

function sealingWith(key: Key): Sealing {
  return { seal: (text, place) => sealBytes(Buffer.from(text), key, place), open: (sealed, place) => openBytes(sealed, key, place).toString() };
}

/** Something that the operator should see to. */
type Report = (sentence: string, error?: unknown) => void;

interface FeedsWorld extends Pick<FeedingWorld, 'store' | 'reader'> {
  readonly config: Config;
  readonly clock: Clock;
  warn(error: unknown, what: string): void;
}

/** Sends the audit log on to wherever that is wanted. How far it was can be asked. */
function startFeeds({ config, store, clock, reader, warn }: FeedsWorld, endings: (() => unknown)[]): () => Promise<FeedState[]> {
  const now = (): number => clock.now();
  const feeds = feedsOf(config, now).map((feed) => startFeeding({ store, reader, feed, instance: newId(), now, warn: (error) => warn(error, `the audit log could not be sent on to ${feed.place}; it is tried again`) }));
  endings.push(() => Promise.all(feeds.map((feed) => feed.close())));
  return () => Promise.all(feeds.map((feed) => feed.state()));
}

function feedsOf({ feeds: { webhook, syslog } }: Config, now: () => number): Feed[] {
  return [...(webhook === undefined ? [] : [webhookFeed({ ...webhook, now })]), ...(syslog === undefined ? [] : [syslogFeed(syslog)])];
}

/** It ends with the store alone after it: until then this instance counts among those that run. */
function rotate(world: RotationWorld, endings: (() => unknown)[]): Rotation {
  const rotation = startRotation(world);
  endings.push(() => rotation.close());
  return rotation;
}

/** It is there since the first record of the deployment itself. */
async function certifying(keys: Keys): Promise<{ id: string; key: Key }> {
  const key = await keys.of(DEPLOYMENT.id);
  if (key === undefined) throw new Failure('record-unavailable');
  return { id: DEPLOYMENT.id, key };
}

function reportTo(logger: Logger): Report {
  return (sentence, error) => logger.warn(error === undefined ? {} : { err: error }, sentence);
}

/** The last one first, and each even when another one fails; throws what failed first. */
async function endAll(endings: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of endings.toReversed()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function tellTakenOver(meter: Metrics, logger: Logger): (what: TakenOver) => void {
  return (what) => {
    meter.turnTakenOver();
    logger.warn(what, 'the owner of a turn was lost, and its turn taken over');
  };
}

/** How what happens reaches tabs, once there are any. */
interface Tabs {
  isWatched: (id: ConversationId) => boolean;
  onRow: (live: LiveConversation) => void;
  end: (sessions: readonly SessionId[]) => void;
  noticed: (notice: Noticed) => void;
}

/** What reviewers, and those who grant them something, have to do with what is kept. */
function reviewing(world: Omit<Parameters<typeof openExports>[0], 'needsApproval'>, { secondApprover, retention, showsHolds }: Config) {
  const { store, keys } = world;
  return {
    retention, showsHolds, dispositions: openDispositions(store, keys), discovery: openDiscovery(store, keys),
    exports: openExports({ ...world, needsApproval: secondApprover !== null }), accesses: openAccesses({ ...world, isNeeded: secondApprover === 'reading' }),
  };
}

/** What must be undone is added to `endings` as soon as it is there; the last one ends first. */
async function compose(config: Config, given: Store, logger: Logger, endings: (() => unknown)[]): Promise<Omit<Running, 'close'>> {
  const clock = systemClock;
  const { meter, lag, traces, writes, store } = await observed(config, given, endings);
  const warn = (error: unknown, what: string): void => logger.error({ err: error }, what);
  const entered = await unlock(store, config, () => clock.now());
  const { keys } = entered;
  const generationAfter = await epochsAfter(store);
  const tabs: Tabs = { isWatched: () => false, onRow: () => undefined, end: () => undefined, noticed: () => undefined };
  const audit = openAudit(store, keys, clock, (notice) => tabs.noticed(notice));
  const over = Promise.withResolvers<string>();
  const rotation = rotate({ ...entered, audit, leftBehind: () => over.resolve(LEFT_BEHIND), warn: (error) => warn(error, 'keys could not be wrapped with the new master key; it is tried again') }, endings);
  await sealAddresses({ store, keys, audit });
  const accounts = openAccounts({ store, keys, audit, clock, rules: config.registration });
  const { people, sessions, providerKeys, sites, challenges, knownVisitors, allowances } = accounts;
  const signers = await openSigners(store, keys, audit);
  await recordConfiguration({ store, keys, audit }, config.told, whoAsks()).catch(CannotStart.unrecorded);
  const siteModel = async (id: SiteId): Promise<Standing | undefined> => {
    const site = await sites.find(id);
    return site?.isLive === true ? { model: site.settings.model, instructions: site.settings.instructions } : undefined;
  };
  const models = openCatalog(config.providers, { ...config, siteModel });
  const catalog = traces === undefined ? models : tracedCatalog(models, traces);
  const shared = await busOf(config, store, keys, generationAfter, reportTo(logger)).catch(CannotStart.because);
  const measuredToo = measuredBus(shared.bus, meter);
  const bus = traces === undefined ? measuredToo : tracedBus(measuredToo, traces);
  endings.push(() => shared.rooms.close());
  const health = openHealth(store, writes, bus);
  const files = openFiles(store, keys, { now: () => clock.now(), restoreMs: config.restoreMs });
  const keyOf = (user: string) => (provider: string) => providerKeys.of(user as UserId, provider);
  const tick = new DraftTick(store, bus, meter);
  const world = { store, tick, catalog, files, clock, metrics: meter, isBehind: () => lag.isBehind, keyOf, restoreMs: config.restoreMs, epochsAfter: generationAfter, retention: config.retention, showsHolds: config.showsHolds, certifying: () => certifying(keys), costOf: openPrices(config.providers, config.currency), forgetKey: (id: string) => keys.forget(id), takenOver: tellTakenOver(meter, logger), warn };
  const copies = startLog({ store, sinks: await wantedSinks(config, store, openSinks).catch(CannotStart.because), clock, signers, meter, traces, warn }, endings);
  const directory = new Directory(world, bus, keys, { isWatched: (id) => tabs.isWatched(id), onRow: (live) => tabs.onRow(live) });
  const stopServing = bus.serve({ answer: (question) => directory.answer(question as Question), lost: (conversation, how) => directory.lost(conversation, how) });
  endings.push(stopServing);
  const gatewayEnd: { close: () => unknown } = { close: () => undefined };
  endings.push(() => gatewayEnd.close());
  endings.push(() => directory.close(config.handOverMs));
  meter.reads({
    owned: () => directory.counts.owned, running: () => directory.counts.running, queued: () => directory.counts.queued,
    keysToRewrap: () => rotation.left, waitingDrafts: () => tick.waiting, loopLagSeconds: () => lag.ms / 1_000,
  });
  const auditReader = openAuditReader(store, keys);
  const feeds = startFeeds({ config, store, clock, reader: auditReader, warn }, endings);
  const removal = openRemoval({ store, keys, audit, clock, sessions, ended: (ids) => tabs.end(ids), deleteFor: (conversation, owner) => directory.deleteFor({ because: 'person-removed' }, conversation as ConversationId, owner) });
  const rows = openRows(store, keys, config.showsHolds);
  const { log, witness, witnesses, ...proofs } = await startProofs(config, { store, keys, audit, now: () => clock.now(), reads: (read) => meter.readsWitnesses(read), warn });
  endings.push(() => proofs.close());
  const siteNumbers = openSiteNumbers(store, keys, config.currency);
  const search = openSearch(store, keys);
  const giveAll = openGiving(store, directory);
  const giveStragglers = async (): Promise<void> => {
    for (const { visitor, user, by } of await knownVisitors.latest()) await giveAll(visitor, user, by);
  };
  await listenHere(config, backupRecorder(audit), warn, endings);
  const cases = openCases(store, keys, audit, clock);
  const exportWork = openExportWork({ store, keys, log, signers: signers.now, audit, clock, now: () => clock.now(), nameOf: (user) => people.find(user as UserId), warn });
  endings.push(() => exportWork.close());
  const stopSweep = await startSweep(store, directory, clock, (error) => warn(error, 'a sweep failed'), [() => allowances.removeRefilled(), () => challenges.removeSpent(), () => exportWork.sweep(), giveStragglers, () => removal.goOn(), openExpiring(store, directory, clock, config.retention, (error) => warn(error, 'a conversation could not be deleted'))]);
  endings.push(stopSweep);
  const stopped = new AbortController();
  const repairing = repairSearch(store, keys, stopped.signal).catch((error: unknown) => warn(error, 'search could not be given all its words; it finds less until the next start'));
  endings.push(() => (stopped.abort(), repairing));
  const gateway = await startGateway(
    {
      ...accounts, directory, rows, siteNumbers, files, giveAll, search, log, signers, rotation, copies, auditReader, feeds, witnesses, witness, cases, removal, catalog, ...reviewing({ store, keys, audit, clock, cases }, config),
      rules: config.registration, bus, rooms: shared.rooms, keyOf, meter, health, traces: traces ?? UNTRACED, deployment: config.name, restoreMs: config.restoreMs, now: () => clock.now(),
      onRows: (tell) => (tabs.onRow = tell),
      onEndings: (end) => (tabs.end = end),
      onNoticed: (tell) => (tabs.noticed = tell),
      onWatched: (isWatched) => (tabs.isWatched = isWatched),
    },
    { host: config.host, port: config.port, trustProxy: config.trustProxy, clientFolder: config.clientFolder, metricsToken: config.metricsToken, logger },
  );
  gatewayEnd.close = () => gateway.close();
  // Where there are others, turns go on until they have ended, and their tabs hear them there; whoever asks over HTTP is answered, and told that this one leaves.
  endings.push(() => (config.cluster === undefined ? gateway.close() : gateway.leave(Math.min(LEAVE_WITHIN_MS, config.handOverMs))));
  endings.push(() => health.leave());
  return { url: gateway.url, port: gateway.port, hasAnybody: await people.hasAnybody(), firstCode: config.registration.firstCode, over: over.promise };
}

/** The store with whatever looks on: what it takes is measured, traced where traces are on, and watched for whether it can be written. */
async function observed(config: Config, given: Store, endings: (() => unknown)[]) {
  const meter = openMetrics(config.providers);
  const lag = new LoopLag();
  endings.push(watchLoop(lag));
  const traces = await openTraces(config.tracesEndpoint);
  if (traces !== undefined) endings.push(() => traces.close());
  const writes = watchWrites(given);
  const measured = measuredStore(writes.store, meter);
  return { meter, lag, traces, writes, store: traces === undefined ? measured : tracedStore(measured, traces) };
}

/** So that a backup of the folder can be put on record while this process has it. One that cannot be asked runs all the same, and a backup is refused meanwhile. */
async function listenHere({ dataFolder, cluster }: Config, recordBackup: RecordBackup, warn: (error: unknown, what: string) => void, endings: (() => unknown)[]): Promise<void> {
  if (cluster !== undefined) return; // a backup of a database writes its record itself
  const local = await listenLocally(dataFolder, recordBackup).catch((error: unknown) => warn(error, 'no backup can be made while this runs: the name of the data folder may be too long for a socket in it'));
  endings.push(() => local?.close());
}

interface LogWorld {
  readonly store: Store;
  readonly sinks: readonly Sink[];
  readonly clock: Clock;
  readonly signers: Signers;
  readonly meter: Meter;
  readonly traces: Traces | undefined;
  warn(error: unknown, what: string): void;
}

/** Seals records, and ships what was sealed to each copy outside, none of which waits for another. They end after the sealer, so that what is sealed last is in them. How copies stand can be asked. */
function startLog({ store, sinks, clock, signers, meter, traces, warn }: LogWorld, endings: (() => unknown)[]): () => Promise<readonly CopyState[]> {
  const sealer = new Sealer({ store, clock, signers: signers.now, warn: (error) => warn(error, 'records could not be sealed'), sealed: (lagMs) => meter.sealed(lagMs), ...(traces !== undefined && { around: tracedSealing(traces) }) });
  sealer.start();
  const copies = sinks.map((sink) => startShipping({ store, sink, now: () => clock.now(), warn: (error) => warn(error, `records could not be copied to ${sink.place}; it is tried again`) }));
  endings.push(() => Promise.all(copies.map((copy) => copy.close())));
  endings.push(() => sealer.close());
  meter.readsCopies(() => copies.map((copy) => copy.state()).map(({ kind, of, holds, state }) => ({ copy: kind, behind: Math.max(0, of - holds), fails: state === 'failing', differs: state === 'differs' })));
  return () => Promise.all(copies.map((copy) => copy.stateNow()));
}

/** Runs the product until a signal ends it, and says on the terminal where it is. What keeps it from starting is told in words and ends the process with code 1. */
export async function runProduct(): Promise<void> {
  const config = configOrProblems();
  if (config === undefined) return;
  const running = await start(config).catch(CannotStart.say);
  if (running === undefined) return;
  endWith(running, config.handOverMs); // whoever reads that it runs may end it at once
  process.stdout.write(`GoRunChat runs at ${running.url.replace('127.0.0.1', 'localhost')}\n`);
  if (running.firstCode !== undefined && !running.hasAnybody) process.stdout.write(`Code for the first account: ${running.firstCode}\n`);
  flushCompileCache(); // else it is written only by a process that ends in order
}

function configOrProblems(): Config | undefined {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    process.stderr.write(`The configuration is not right:\n${error.problems.map((problem) => `  ${problem}\n`).join('')}`);
    process.exitCode = 1;
    return undefined;
  }
}

if (import.meta.main) await runProduct();
