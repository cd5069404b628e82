import { expect, it } from 'vitest';
import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import { newId } from '../../ids.ts';
import { Sealings, type Sealing } from './sealing.ts';

const conversation = newId<ConversationId>();
const sealing: Sealing = { seal: (text) => text, open: (sealed) => sealed };

it('a key that cannot be read is a store that is away, asked for again the next time; one that is erased stays so', async () => {
  const keys: (() => Promise<Sealing>)[] = [() => Promise.reject(new Error('no connection')), () => Promise.reject(new Failure('erased')), () => Promise.resolve(sealing)];
  const sealings = new Sealings(() => (keys.shift() as () => Promise<Sealing>)());
  await expect(sealings.of(conversation)).rejects.toMatchObject({ code: 'record-unavailable', cause: { message: 'no connection' } });
  await expect(sealings.of(conversation)).rejects.toMatchObject({ code: 'erased' });
  expect(await sealings.of(conversation)).toBe(sealing);
});
