import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyDatabase } from '../../server/journal/verify/database.ts';
import { ALL_FOUND, corpus, SEEDS } from '../support/corpus.ts';
import { logsOf, setRows, TABLES, type Row, type Table, type Tables } from '../support/log-database.ts';
import { random, type Dice } from '../support/random.ts';

let logs: readonly Tables[];
let folder: string;
let db: DatabaseSync;

beforeAll(async () => {
  ({ logs, folder, db } = await logsOf(SEEDS, random(31)));
});
afterAll(() => db.close());

/** Puts a log there instead of the one before it. */
function put(log: Tables): void {
  db.exec('BEGIN');
  for (const table of TABLES) setRows(db, table, log[table]);
  db.exec('COMMIT');
}

/** The rows of one table once somebody was there, and how a finding may name what they did. */
type Made = readonly [rows: readonly Row[], ...named: string[]];
type Corruption = (rows: readonly Row[], dice: Dice, log: Tables) => Made;

/** What of each document is vouched for: of a head its number and hash, of a checkpoint what was signed and with which key. */
const VOUCHED: Readonly<Record<Table, readonly string[] | 'all'>> = { record: 'all', sealed: 'all', tile: 'all', head: ['number', 'hash'], checkpoint: ['note', 'keys'] };

const saidBy = (row: Row): Record<string, unknown> => JSON.parse(row.body) as Record<string, unknown>;
const chainOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));
const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf(':') + 1));

/** How a finding may name this row. A record is named by its chain and number, a place by its record or its number, a tile by what of the log is not what was signed. */
function namesOf(table: Table, { id }: Row, log: Tables): string[] {
  if (table === 'tile') return ['the hashes of the log', `records of the log are not those of the signed checkpoint`];
  if (table === 'checkpoint') return ['checkpoint of the log'];
  if (table === 'head') return id === 'log' ? ['the head of the log'] : [`the head of ${id}`, `${id} has records after its head`, `${id} was cut off`, `the last record of ${id}`];
  const [chain, number] = [chainOf(id), numberOf(id)];
  const place = Number(saidBy(log.sealed.find((one) => one.id === id)!)['place']);
  const before = [`record ${number} is missing in ${chain}`, `records ${number} to`, `${chain} was cut off after record ${number - 1}`];
  return [`record ${id}`, ...(table === 'record' ? before : [`places ${place + 1} to`, `the log was cut off: ${place} of`])];
}

function aChange(table: Table): Corruption {
  return (rows, dice, log) => {
    const row = dice.pick(rows);
    const vouched = VOUCHED[table];
    const members = vouched === 'all' ? [] : vouched.map((name) => (row.id === 'log' && name === 'number' ? 'seq' : name));
    const fields = vouched === 'all' ? [row.body] : members.map((name) => `"${name}":${JSON.stringify(saidBy(row)[name])}`);
    const field = dice.pick(fields);
    const at = row.body.indexOf(field) + dice.below(field.length);
    const other = dice.pick(Array.from('0123456789abcxyzAZ {":,}').filter((one) => one !== row.body[at]));
    const body = row.body.slice(0, at) + other + row.body.slice(at + 1);
    return [rows.map((one) => (one === row ? { ...row, body } : one)), ...namesOf(table, row, log)];
  };
}

function aRemoval(table: Table): Corruption {
  return (rows, dice, log) => {
    const row = dice.pick(rows);
    return [rows.filter((one) => one !== row), ...namesOf(table, row, log), ...(table === 'head' && row.id !== 'log' ? [`records of ${row.id}`] : [])];
  };
}

function anExchange(table: Table): Corruption {
  return (rows, dice, log) => {
    const [row, other] = [dice.pick(rows), dice.pick(rows)];
    if (row.body === other.body) return anExchange(table)(rows, dice, log);
    const bodyOf = (one: Row): string => (one === row ? other.body : one === other ? row.body : one.body);
    return [rows.map((one) => ({ ...one, body: bodyOf(one) })), ...namesOf(table, row, log)];
  };
}

function anAddition(): Corruption {
  return (rows, dice) => {
    const row = dice.pick(rows);
    const id = `${chainOf(row.id)}:${numberOf(row.id) + 100 + dice.below(900)}`;
    return [[...rows, { ...row, id }], `record ${id}`];
  };
}

const KINDS: readonly (readonly [what: string, Table, Corruption])[] = [
  ...TABLES.map((table) => [`a character of a ${table} changed`, table, aChange(table)] as const),
  ...TABLES.map((table) => [`a ${table} removed`, table, aRemoval(table)] as const),
  ...(['record', 'head', 'sealed'] as const).map((table) => [`two of ${table} exchanged`, table, anExchange(table)] as const),
  ...(['record', 'sealed'] as const).map((table) => [`a ${table} added`, table, anAddition()] as const),
];

describe('[RE6] a log in a database', () => {
  it(`is intact, each of ${SEEDS} that are different`, () => {
    for (const log of logs) {
      put(log);
      const { findings, records, log: found } = verifyDatabase(folder);
      expect([findings, found]).toEqual([[], { sealed: records, unsealed: 0 }]);
    }
    expect(new Set(logs.map(({ checkpoint }) => checkpoint[0]!.body)).size).toBe(SEEDS);
  });

  it.each(KINDS)(`is found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, table, corrupt) => {
    const outcome = await corpus((dice, seed) => {
      const log = logs[seed - 1]!;
      const [rows, ...named] = corrupt(log[table], dice, log);
      put({ ...log, [table]: rows });
      const { findings } = verifyDatabase(folder);
      return { done: JSON.stringify([log.checkpoint, rows.filter((row) => !log[table].includes(row)), log[table].filter((row) => !rows.includes(row))]), named, findings };
    });
    expect(outcome).toEqual(ALL_FOUND);
  });
});
