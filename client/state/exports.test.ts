import type { ReactiveControllerHost } from 'lit';
import { expect, it } from 'vitest';
import type { CaseExport } from '../../contracts/exports.ts';
import type { CaseId, ExportId } from '../../contracts/ids.ts';
import type { RouteName } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import { ExportsController } from './exports.ts';

const CASE = 'case' as CaseId;
const host = { requestUpdate: () => undefined } as unknown as ReactiveControllerHost;
const one = (id: string, state: CaseExport['state'], progress: CaseExport['progress']): CaseExport =>
  ({ id: id as ExportId, case: CASE, at: 1, state, progress, reason: 'Named', forms: [], recipient: null, scope: { type: 'chosen', conversations: [] } }) as unknown as CaseExport;

it('how far a package is is looked at without the list being read anew, which is on record each time, until there is something to read', async () => {
  const asked: RouteName[] = [];
  const replies: unknown[] = [{ state: 'making', progress: { done: 3, of: 9 } }, { state: 'ready', progress: null }, { exports: [one('a', 'ready', null), one('b', 'ready', null)], needsApproval: false }];
  const first = { exports: [one('a', 'making', null), one('b', 'ready', null)], needsApproval: false };
  const answer = (async (name: RouteName) => (asked.push(name), asked.length === 1 ? first : replies.shift())) as typeof call;
  const exports = new ExportsController(host, { call: answer, download: () => Promise.reject(new Error('not here')), names: () => Promise.reject(new Error('not here')) });
  await exports.run(CASE, { do: 'read' });
  await exports.run(CASE, { do: 'look' });
  expect([asked, exports.of(CASE)?.exports.map(({ state, progress }) => [state, progress])]).toEqual([['exports', 'exportProgress'], [['making', { done: 3, of: 9 }], ['ready', null]]]);
  await exports.run(CASE, { do: 'look' });
  expect([asked.slice(2), exports.of(CASE)?.exports.map(({ state }) => state)]).toEqual([['exportProgress', 'exports'], ['ready', 'ready']]);
});
