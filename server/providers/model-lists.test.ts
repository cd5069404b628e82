import { expect, it } from 'vitest';
import { openModelLists } from './model-lists.ts';
import type { Provider, ProviderModel } from './provider.ts';

function world() {
  const state = { now: 0, asked: 0, answer: (): Promise<readonly ProviderModel[]> => Promise.resolve([{ name: 'one' }]) };
  const provider = { models: () => (state.asked++, state.answer()) } as unknown as Provider;
  const lists = openModelLists(() => state.now);
  const names = async (isPatient = true, key?: string): Promise<string[] | undefined> => (await lists.of('p', key, () => Promise.resolve(provider), isPatient))?.map((model) => model.name);
  return { state, names };
}

it('a list is asked for once in ten minutes, however many want it, and apart for each key', async () => {
  const { state, names } = world();
  expect(await Promise.all([names(), names(), names(false)])).toEqual([['one'], ['one'], ['one']]);
  state.now = 599_999;
  await names();
  expect(state.asked).toBe(1);
  await names(true, 'a key');
  expect(state.asked).toBe(2);
});

it('an old list is given at once to those in a hurry and renewed for the others', async () => {
  const { state, names } = world();
  await names();
  state.now = 600_000;
  state.answer = () => Promise.resolve([{ name: 'two' }]);
  expect(await names(false)).toEqual(['one']);
  expect(await names()).toEqual(['two']);
  expect(state.asked).toBe(2);
});

it('a failure keeps the last good list, and the provider is left alone for half a minute', async () => {
  const { state, names } = world();
  await names();
  state.now = 600_000;
  state.answer = () => Promise.reject(new Error('down'));
  expect(await names()).toEqual(['one']);
  state.now += 29_999;
  expect(await names()).toEqual(['one']);
  expect(state.asked).toBe(2);
  state.now += 1;
  state.answer = () => Promise.resolve([{ name: 'two' }]);
  expect(await names()).toEqual(['two']);
});

it('without any list so far, a failure is no list', async () => {
  const { state, names } = world();
  state.answer = () => Promise.reject(new Error('down'));
  expect(await names()).toBeUndefined();
  expect(await names(false)).toBeUndefined();
  expect(state.asked).toBe(1);
});

it('what cannot be right in a list is left out', async () => {
  const { state, names } = world();
  state.answer = () => Promise.resolve([{ name: '' }, { name: ' x' }, { name: '/x' }, { name: 'a\nb' }, { name: 'y'.repeat(201) }, { name: 7 }, { name: 'fine', label: 7, vision: 'yes', contextTokens: 1.5 }] as unknown as ProviderModel[]);
  expect(await names()).toEqual(['fine']);
});
