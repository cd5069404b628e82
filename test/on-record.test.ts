import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AuditRecord, ChatRecord } from '../contracts/records.ts';
import { run } from '../server/cli.ts';
import { OFF_THE_RECORD, placesIn, REFUSED_BY, refusedIn, WRITTEN_NO_MORE, type RefusingTest } from './support/on-record.ts';

const top = join(import.meta.dirname, '..');
/** The store itself, and what only passes on what it is given, write nothing of their own. */
const sources = globSync('server/**/*.ts', { cwd: top }).filter((file) => !file.endsWith('.test.ts') && !file.startsWith('server/store/'));
const textOf = (file: string): string => readFileSync(join(top, file), 'utf8');
const inOrder = (names: Iterable<string>): string[] => [...names].toSorted((a, b) => a.localeCompare(b));
const sorted = (names: Iterable<string>): string[] => inOrder(new Set(names));
const types = [...AuditRecord.options, ...ChatRecord.options].map((option) => option.shape.type.value);

/** The types of the records that a file makes, each as often as there are places where it does. */
const writtenIn = (file: string): string[] => inOrder([...textOf(file).matchAll(/\btype: '([a-z-]+)'(?: as const)?, v: 1\b/gu)].map(([, type]) => type as string));

it('[RE1] every record that the product writes is refused by a test, at each place where it is written', () => {
  const written = Object.fromEntries(sources.map((file) => [file, writtenIn(file)] as const).filter(([, found]) => found.length > 0));
  expect(Object.fromEntries(Object.keys(REFUSED_BY).map((file) => [file, inOrder(placesIn(file).map(([type]) => type))]))).toEqual(written);
  expect(sorted([...Object.values(written).flat(), ...WRITTEN_NO_MORE])).toEqual(sorted(types));
});

it('[RE1] whatever else writes to the store writes nothing that has to be on record', () => {
  const committing = sources.filter((file) => /\bcommit(?:Known)?\(/u.test(textOf(file)) && writtenIn(file).length === 0);
  expect(sorted(Object.keys(OFF_THE_RECORD))).toEqual(sorted(committing));
});

it('[RE1] a test that is said to refuse a record names it', () => {
  const enumerating: readonly RefusingTest[] = ['off-the-record', 'unrecorded']; // they find at their end what they did not refuse
  const tests = new Set(Object.keys(REFUSED_BY).flatMap(placesIn).map(([, test]) => test));
  const unnamed = [...tests].filter((test) => !enumerating.includes(test)).flatMap((test) => refusedIn(test).filter((type) => !textOf(`test/flows/${test}.test.ts`).includes(`'${type}'`)).map((type) => `${test}: ${type}`));
  expect(unnamed).toEqual([]);
});

/** What `gorunchat` can be told to do: the test that refuses its record, or why it has none. */
const COMMANDS: Readonly<Record<string, RefusingTest | 'reads' | 'touches no data'>> = { 'start': 'unrecorded', 'backup': 'restore-unrecorded', 'restore': 'restore-unrecorded', 'verify': 'reads', 'wrap-master-key': 'touches no data' };

it('[RE1] every command of gorunchat that changes or copies anything is refused without its record', async () => {
  let usage = '';
  expect(await run([], (text) => (usage += text), {})).toBe(2);
  const told = [...usage.matchAll(/^ {2}([a-z-]+)(?= )/gmu)].map(([, command]) => command as string);
  const known = [...textOf('server/cli.ts').matchAll(/\bcommand === '([a-z-]+)'/gu)].map(([, command]) => command as string);
  expect([sorted(told), sorted(known)]).toEqual([sorted(Object.keys(COMMANDS)), sorted(Object.keys(COMMANDS))]);
});
