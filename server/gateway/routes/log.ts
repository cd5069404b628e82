import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../../contracts/failures.ts';
import { csvLine, type AuditQuery } from '../../journal/audit-reader.ts';
import { tileNamed } from '../../journal/tile-name.ts';
import { TILE_WIDTH } from '../../journal/tiles.ts';
import { followed } from '../following.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf, SESSION_COOKIE } from '../request.ts';
import type { RouteWorld } from './world.ts';

const ENTRIES = 100;
/** Between two looks of whoever follows. */
const LOOK_AGAIN_MS = 1_000;
/** What is in a whole tile never changes, as long as the log is not restored. */
const KEPT_S = 31_536_000;

type LogWorld = Pick<RouteWorld, 'log' | 'signers' | 'rotation' | 'retention' | 'dispositions' | 'copies' | 'witnesses' | 'witness' | 'auditReader' | 'feeds' | 'disclosures' | 'people' | 'sessions' | 'leaving'>;

/** Proofs over all records, without anything of what they say, and the audit log, for admins: that it is read is on record first. */
export function logRoutes({ log, signers, rotation, retention, dispositions, copies, witnesses, witness, auditReader, feeds, disclosures, people, sessions, leaving }: LogWorld): Pick<RouteCodes, 'logCheckpoint' | 'logWitnesses' | 'logCopies' | 'logInclusion' | 'logConsistency' | 'logTile' | 'changeLogKey' | 'masterKey' | 'retention' | 'auditLog' | 'auditFeeds' | 'auditExport' | 'auditFollow'> {
  const recordReading = ({ request, session, query }: Pick<Asked, 'request' | 'session' | 'query'>): Promise<void> => {
    const asked = Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
    return disclosures.audit(asked, actorOf(request, session));
  };
  return {
    logCheckpoint: async ({ request, reply }) => {
      const checkpoint = await log.checkpoint();
      if (request.headers.accept?.startsWith('text/plain') === true) return reply.type('text/plain; charset=utf-8').send(checkpoint.note);
      return { ...checkpoint, cosigned: (await witnesses()).flatMap(({ note }) => note ?? []) };
    },
    logWitnesses: async () => ({ witnesses: await witnesses(), own: witness === undefined ? null : { key: witness.key, logs: [...(await witness.logs())] } }),
    logCopies: async () => ({ copies: [...(await copies())] }),
    logInclusion: ({ query }) => log.inclusion(String(query['chain']), Number(query['number'])),
    logConsistency: ({ query }) => log.consistency(Number(query['from'])),
    logTile: async ({ params, reply }) => {
      const tile = tileNamed(params['*'] ?? '');
      if (tile === undefined) throw new Failure('invalid-command', { detail: 'A tile is asked for as LEVEL/INDEX, or as LEVEL/INDEX.p/WIDTH: c2sp.org/tlog-tiles.' });
      const hashes = await log.tile(tile);
      if (tile.width === TILE_WIDTH) void reply.header('cache-control', `private, max-age=${KEPT_S}, immutable`);
      return reply.type('application/octet-stream').send(hashes);
    },
    changeLogKey: async ({ request, session }) => ({ key: await signers.change(actorOf(request, session)) }),
    masterKey: () => rotation.state(),
    retention: async ({ request, session, query }) => {
      await disclosures.list('retention', actorOf(request, session));
      return { schedules: retention, ...(await dispositions(query['before'] === undefined ? undefined : Number(query['before']), ENTRIES)) };
    },
    auditLog: async (asked) => {
      await recordReading(asked);
      const { before } = asked.query;
      return auditReader.page(queryOf(asked.query), before === undefined ? undefined : Number(before), ENTRIES);
    },
    auditExport: async (asked) => {
      await recordReading(asked);
      const isTable = asked.query['format'] === 'csv';
      const lines = async function* (): AsyncIterable<string> {
        if (isTable) yield csvLine(undefined);
        for await (const entry of auditReader.all(queryOf(asked.query))) yield isTable ? csvLine(entry) : `${JSON.stringify(entry)}\n`;
      };
      return asked.reply.type(isTable ? 'text/csv; charset=utf-8' : 'application/x-ndjson').header('content-disposition', `attachment; filename="audit.${isTable ? 'csv' : 'ndjson'}"`).send(Readable.from(lines()));
    },
    auditFeeds: async () => ({ feeds: await feeds() }),
    auditFollow: async (asked) => {
      const { request, reply, session, query } = asked;
      if (leaving.aborted) throw new Failure('server-busy'); // else the browser would come back to here, and be on record each time
      const after = lastHeard(request.headers['last-event-id']) ?? Number(query['after']);
      await recordReading({ ...asked, query: { ...query, after: String(after), follow: 'true' } });
      const token = request.cookies[SESSION_COOKIE] ?? '';
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const signal = AbortSignal.any([leaving, gone.signal]);
      const events = followed(after, {
        since: (number) => auditReader.since(queryOf(query), number),
        mayGoOn: async () => !signal.aborted && (await sessions.find(token))?.id === session.id && (await people.find(session.user))?.role === 'admin',
        pause: () => wait(LOOK_AGAIN_MS, true, { signal }).catch(() => false),
      });
      return reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no').send(Readable.from(events)); // the header keeps nginx from holding it back
    },
  };
}

/** The last number that a browser heard before its connection was lost. */
function lastHeard(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/u.test(header) ? Number(header) : undefined;
}

function queryOf({ types, user, from, to }: Asked['query']): AuditQuery {
  return { types: types?.split(','), user, from: from === undefined ? undefined : Number(from), to: to === undefined ? undefined : Number(to) };
}
