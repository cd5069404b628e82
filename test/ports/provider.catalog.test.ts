import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { openCatalog, type Catalog } from '../../server/providers/catalog.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { event, newRawProvider, type RawProvider } from '../support/raw-provider.ts';
import { collect, failureIn } from './provider.suite.ts';

let raw: RawProvider;
beforeEach(async () => {
  raw = await newRawProvider();
});
afterEach(() => raw[Symbol.asyncDispose]());

const noKey = (): Promise<undefined> => Promise.resolve(undefined);
const id = (model: string): ModelId => model as ModelId;

function local(more: Partial<ProviderSettings> = {}): ProviderSettings {
  return { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: `${raw.url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [], fetch: true, titleModel: undefined, ...more };
}

function open(providers: readonly ProviderSettings[], more: { hasDemo?: boolean; defaultModel?: ModelId } = {}): Catalog {
  return openCatalog(providers, { demoWordsPerSecond: 1_000, ...more });
}

const list = (...names: string[]) => ({ object: 'list', data: names.map((name) => ({ id: name, object: 'model' })) });

it('the demo is there when nothing else is, or when it is wanted', async () => {
  const only = open([]);
  expect(await only.list(noKey)).toMatchObject({ default: 'demo/demo', models: [{ isDemo: true }] });
  expect((await only.serve(id('demo/demo'), noKey)).model.isDemo).toBe(true);
  const curated = local({ models: [{ name: 'a' }], fetch: false });
  expect((await open([curated]).list(noKey)).models.map((model) => model.id)).toEqual(['local/a']);
  expect((await open([curated], { hasDemo: true }).list(noKey)).models.map((model) => model.id)).toEqual(['local/a', 'demo/demo']);
  expect(await open([], { hasDemo: false }).list(noKey)).toEqual({ models: [], default: null });
});

it('what the deployment says of a model goes before what the provider says, and its models stand first', async () => {
  const asked = open([local({ models: [{ name: 'b', label: 'Bee', description: 'Hums', contextTokens: 1_000 }] })]).list(noKey);
  (await raw.next()).reply(200, { data: [{ id: 'a', context_length: 5 }, { id: 'b', context_length: 7, name: 'B', architecture: { input_modalities: ['text', 'image'] } }] });
  const { models } = await asked;
  expect(models.map(({ id: model, name, contextTokens, vision, description }) => [model, name, contextTokens, vision, description])).toEqual([
    ['local/b', 'Bee', 1_000, true, 'Hums'],
    ['local/a', 'a', 5, false, undefined],
  ]);
});

it('a model of a provider whose list is away is served all the same; with a list, only what is on it', async () => {
  const away = open([local()]);
  const asked = away.serve(id('local/whatever'), noKey);
  (await raw.next()).reply(500, {});
  expect((await asked).name).toBe('whatever');

  const there = open([local()]);
  const known = there.serve(id('local/a'), noKey);
  (await raw.next()).reply(200, list('a'));
  expect((await known).name).toBe('a');
  expect(await failureIn(there.serve(id('local/b'), noKey))).toMatchObject({ code: 'model-unknown' });
  expect(await failureIn(there.serve(id('other/a'), noKey))).toMatchObject({ code: 'model-unknown' });
  expect(raw.calls).toHaveLength(2);
});

it('a list that is away leaves the other models in the picker', async () => {
  const asked = open([local({ models: [{ name: 'mine' }] }), local({ id: 'second', models: [{ name: 'x' }], fetch: false })]).list(noKey);
  (await raw.next()).reset();
  expect((await asked).models.map((model) => model.id)).toEqual(['local/mine', 'second/x']);
});

it('lists are fetched with the key of the person, and not at all without one', async () => {
  const catalog = open([local({ ownKeys: true })], { hasDemo: false });
  expect(catalog.ownKeys).toEqual([{ provider: 'local', providerName: 'Local' }]);
  expect(await catalog.list(noKey)).toEqual({ models: [], default: null });
  expect(await failureIn(catalog.serve(id('local/a'), noKey))).toMatchObject({ code: 'provider-key-missing' });
  expect(await failureIn(catalog.serve(id('local/a'), () => Promise.resolve('sk-…\n')))).toMatchObject({ code: 'provider-key-refused' });
  for (const [key, name] of [['sk-of-mara', 'for-mara'], ['sk-of-jo', 'for-jo']] as const) {
    const asked = catalog.list(() => Promise.resolve(key));
    const call = await raw.next();
    expect(call.headers.authorization).toBe(`Bearer ${key}`);
    call.reply(200, list(name));
    expect((await asked).models.map((model) => [model.id, model.needsKey])).toEqual([[`local/${name}`, false]]);
  }
});

it('the default is the wished one when it can be used, else the first that can', async () => {
  const providers = [local({ id: 'own', ownKeys: true, models: [{ name: 'a' }], fetch: false }), local({ models: [{ name: 'b' }, { name: 'c' }], fetch: false })];
  const defaultFor = async (defaultModel: string | undefined, key?: string): Promise<string | null> =>
    (await open(providers, defaultModel === undefined ? {} : { defaultModel: id(defaultModel) }).list(() => Promise.resolve(key))).default;
  expect([await defaultFor(undefined), await defaultFor('local/c'), await defaultFor('own/a'), await defaultFor('own/a', 'sk-1'), await defaultFor('gone/x')]).toEqual(['local/b', 'local/c', 'local/b', 'own/a', 'local/b']);
});

it('what a model has no field for is not sent, and the instructions of the deployment come first', async () => {
  const catalog = open([local({ models: [{ name: 'a', instructions: 'We are Acme.', fields: ['instructions', 'topP'] }], fetch: false, titleModel: 'small' })]);
  expect(catalog.titleModel(id('local/a'))).toBe('local/small');
  expect(catalog.titleModel(id('other/a'))).toBe('other/a');
  const { provider, name } = await catalog.serve(id('local/a'), noKey);
  const messages = [{ author: 'person', parts: [{ type: 'text', text: 'Hi' }] }] as const;
  const parameters = { instructions: 'Be brief.', temperature: 1, topP: 0.5, effort: 'high' } as const;
  for (const purpose of ['reply', 'title'] as const) {
    const asked = collect(provider.stream({ purpose, model: name, messages, parameters }, new AbortController().signal));
    const call = await raw.next();
    expect(call.body).toEqual({
      model: 'a', stream: true, stream_options: { include_usage: true }, top_p: 0.5,
      messages: [{ role: 'system', content: purpose === 'reply' ? 'We are Acme.\n\nBe brief.' : 'Be brief.' }, { role: 'user', content: 'Hi' }],
    });
    call.open();
    await call.write(event('[DONE]'));
    call.end();
    await asked;
  }
  expect((await catalog.serve(id('local/small'), noKey)).name).toBe('small');
});
