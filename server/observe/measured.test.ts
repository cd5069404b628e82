import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { memoryBus } from '../bus/memory.ts';
import { CommitRefused } from '../store/refused.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import { measuredBus, measuredStore } from './measured.ts';
import { openMetrics } from './metrics.ts';

const conversation = 'c'.padEnd(22, '_') as ConversationId;

it('claims are counted by how they ended: claimed, behind somebody else, or not known', async () => {
  const meter = openMetrics([]);
  const wire = memoryBus();
  const bus = measuredBus(wire, meter);
  await bus.claim(conversation, 2);
  expect(await bus.claim(conversation, 1)).toBe('stale');
  await measuredBus({ ...wire, claim: () => Promise.reject(new Error('away')) }, meter).claim(conversation, 3).catch(() => undefined);
  const text = await meter.text();
  for (const result of ['claimed', 'stale', 'failed']) expect(text).toContain(`gorunchat_epochs_claimed_total{result="${result}"} 1`);
});

it('appends that fail and commits that are refused are counted as that, and thrown on', async () => {
  const meter = openMetrics([]);
  await expect(measuredBus({ ...memoryBus(), append: () => Promise.reject(new Error('away')) }, meter).append([])).rejects.toThrow('away');
  for (const error of [new CommitRefused('stale'), new Error('a mistake')]) await expect(measuredStore({ commit: () => Promise.reject(error) } as unknown as Store, meter).commit([], UNFENCED)).rejects.toBe(error);
  const text = await meter.text();
  for (const series of ['bus_append_seconds_count{result="failed"}', 'commit_seconds_count{result="stale"}', 'commit_seconds_count{result="mistake"}']) expect(text).toContain(`gorunchat_${series} 1`);
});
