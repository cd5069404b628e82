import { Readable } from 'node:stream';
import { csvLine, type AuditQuery } from '../../journal/audit-reader.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

const ENTRIES = 100;

/** Proofs over all records, without anything of what they say, and the audit log, for admins: that it is read is on record first. */
export function logRoutes({ log, copies, auditReader, disclosures }: Pick<RouteWorld, 'log' | 'copies' | 'auditReader' | 'disclosures'>): Pick<RouteCodes, 'logCheckpoint' | 'logCopies' | 'logInclusion' | 'logConsistency' | 'auditLog' | 'auditExport'> {
  const isRead = ({ request, session, query }: Pick<Asked, 'request' | 'session' | 'query'>): Promise<void> => {
    const asked = Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
    return disclosures.audit(asked, actorOf(request, session));
  };
  return {
    logCheckpoint: () => log.checkpoint(),
    logCopies: async () => ({ copies: [...(await copies())] }),
    logInclusion: ({ query }) => log.inclusion(String(query['chain']), Number(query['number'])),
    logConsistency: ({ query }) => log.consistency(Number(query['from'])),
    auditLog: async (asked) => {
      await isRead(asked);
      const { before } = asked.query;
      return auditReader.page(queryOf(asked.query), before === undefined ? undefined : Number(before), ENTRIES);
    },
    auditExport: async (asked) => {
      await isRead(asked);
      const isTable = asked.query['format'] === 'csv';
      const lines = async function* (): AsyncIterable<string> {
        if (isTable) yield csvLine(undefined);
        for await (const entry of auditReader.all(queryOf(asked.query))) yield isTable ? csvLine(entry) : `${JSON.stringify(entry)}\n`;
      };
      return asked.reply.type(isTable ? 'text/csv; charset=utf-8' : 'application/x-ndjson').header('content-disposition', `attachment; filename="audit.${isTable ? 'csv' : 'ndjson'}"`).send(Readable.from(lines()));
    },
  };
}

function queryOf({ types, user, from, to }: Asked['query']): AuditQuery {
  return { types: types?.split(','), user, from: from === undefined ? undefined : Number(from), to: to === undefined ? undefined : Number(to) };
}
