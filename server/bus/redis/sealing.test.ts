import { expect, it } from 'vitest';
import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import { newId } from '../../ids.ts';
import { openEntry, sealEntry, Sealings, type Sealing } from './sealing.ts';

const conversation = newId<ConversationId>();
const sealing: Sealing = { seal: (text) => text, open: (sealed) => sealed };

it('a key that cannot be read is a store that is away, asked for again the next time; one that is erased stays so', async () => {
  const keys: (() => Promise<Sealing>)[] = [() => Promise.reject(new Error('no connection')), () => Promise.reject(new Failure('erased')), () => Promise.resolve(sealing)];
  const sealings = new Sealings(() => (keys.shift() as () => Promise<Sealing>)());
  await expect(sealings.of(conversation)).rejects.toMatchObject({ code: 'record-unavailable', cause: { message: 'no connection' } });
  await expect(sealings.of(conversation)).rejects.toMatchObject({ code: 'erased' });
  expect(await sealings.of(conversation)).toBe(sealing);
});

it('an entry comes out with what it carries; whoever looks at its events alone finds them where they always were', () => {
  const entry = { conversation, after: { epoch: 2, seq: 4 }, events: [[2, 5, { type: 'text-delta', text: 'Hm' }]] as const };
  const carried = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const [bare, carrying] = [sealEntry(entry, sealing), sealEntry({ ...entry, carried }, sealing)];
  expect([bare, carrying].map(({ sealed }) => openEntry(conversation, '2-5', sealed, sealing))).toEqual([{ events: entry.events }, { events: entry.events, carried }]);
  expect((JSON.parse(carrying.sealed) as unknown[]).slice(0, 2)).toEqual(JSON.parse(bare.sealed));
});
