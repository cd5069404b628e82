import { Failure } from '../../contracts/failures.ts';
import type { ModelId, SiteId } from '../../contracts/ids.ts';
import type { Model } from '../../contracts/models.ts';
import type { Standing } from '../../contracts/records.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { openProvider } from './adapters.ts';
import { demoProvider } from './demo.ts';
import { familyOf } from './families.ts';
import { openModelLists } from './model-lists.ts';
import type { Prompt, Provider, ProviderModel } from './provider.ts';
import type { ModelSettings, ProviderSettings } from './settings.ts';

/** A model with the provider that serves it to this person, under the provider's own name for it. */
export interface Served {
  readonly provider: Provider;
  readonly name: string;
  readonly model: Model;
  /** Of a site's model: what it stands for. */
  readonly stands?: Standing;
}

/** The key that a person has given for a provider. */
export type KeyOf = (provider: string) => Promise<string | undefined>;

/** Which model is served by which provider, and for whom. */
export interface Catalog {
  /** Throws `model-unknown` or `provider-key-missing`. What the model has no field for is not sent to it. */
  serve(model: ModelId, keyOf: KeyOf): Promise<Served>;
  /** Every model this person may choose; those that want a key which is not there say so. Lists are fetched from providers at most every ten minutes. */
  list(keyOf: KeyOf): Promise<{ models: Model[]; default: ModelId | null }>;
  /** The model that makes titles for conversations with this one: mostly itself. */
  titleModel(model: ModelId): ModelId;
  /** Providers that take a key from each person. */
  readonly ownKeys: readonly { readonly provider: string; readonly providerName: string }[];
}

export interface CatalogOptions {
  /** The pace of the scripted demo. */
  readonly demoWordsPerSecond: number;
  /** Whether the demo is there; `undefined`: when the deployment itself brings no key and no server. */
  readonly hasDemo?: boolean | undefined;
  readonly defaultModel?: ModelId | undefined;
  /** What the model of a site stands for; `undefined` when there is no such site, or it is closed. */
  readonly siteModel?: (site: SiteId) => Promise<Standing | undefined>;
}

const DEMO: Model = {
  id: 'demo/demo' as ModelId, name: 'Demo', provider: 'demo', providerName: 'Demo', vision: true, fields: ['instructions'], needsKey: false, isDemo: true,
  description: 'This is a scripted demo. Add a key in Models to talk to a real one.',
};
/** Adapters of keys that people bring; they hold no connections of their own, so the longest unused is simply forgotten. */
const MOST_ADAPTERS = 200;

/** The models of these providers. */
export function openCatalog(providers: readonly ProviderSettings[], options: CatalogOptions): Catalog {
  const demo = (options.hasDemo ?? providers.every((settings) => settings.ownKeys)) ? demoProvider(options.demoWordsPerSecond) : undefined;
  const adapterOf = openAdapters();
  // Loading an SDK takes a moment and ten megabytes, so it is done where it will be used, and before somebody's first turn. What fails here is tried again there, and told there.
  const makeReady = (settings: ProviderSettings, key: string | undefined): void => void adapterOf(settings, key).catch(() => undefined);
  for (const settings of providers.filter(({ ownKeys }) => !ownKeys)) makeReady(settings, settings.key);
  const lists = openModelLists();
  const keyFor = (settings: ProviderSettings, keyOf: KeyOf): Promise<string | undefined> => (settings.ownKeys ? keyOf(settings.id) : Promise.resolve(settings.key));
  const listOf = (settings: ProviderSettings, key: string | undefined, isPatient: boolean): Promise<readonly ProviderModel[] | undefined> =>
    settings.fetch && !(settings.ownKeys && key === undefined) ? lists.of(settings.id, key, () => adapterOf(settings, key), isPatient) : Promise.resolve([]);

  const serveSite = async (site: SiteId): Promise<Served> => {
    const stands = await options.siteModel?.(site);
    if (stands === undefined) throw new Failure('site-closed');
    const served = await serve(stands.model, () => Promise.resolve(undefined)); // nobody's own key answers for a site
    return { ...served, stands, provider: fitted(served.provider, served.model, stands.instructions) };
  };

  const serve: Catalog['serve'] = async (id, keyOf) => {
    const site = siteOf(id);
    if (site !== undefined) return serveSite(site);
    if (demo !== undefined && id === DEMO.id) return { provider: demo, name: 'demo', model: DEMO };
    const settings = providers.find((one) => id.startsWith(`${one.id}/`));
    if (settings === undefined) throw new Failure('model-unknown');
    const name = id.slice(settings.id.length + 1);
    const own = settings.models.find((one) => one.name === name);
    if (own === undefined && !settings.fetch && name !== settings.titleModel) throw new Failure('model-unknown');
    const key = await keyFor(settings, keyOf);
    if (settings.ownKeys && key === undefined) throw new Failure('provider-key-missing');
    if (key !== undefined && !/^[\x21-\x7e]+$/u.test(key)) throw new Failure('provider-key-refused'); // no header can carry it
    const list = await listOf(settings, key, false);
    const listed = list?.find((one) => one.name === name);
    // Without a list nobody knows better than the provider, who is asked; with one, only what is on it is there.
    if (own === undefined && listed === undefined && list !== undefined && name !== settings.titleModel) throw new Failure('model-unknown');
    const model = modelOf(settings, name, own, listed, false);
    return { provider: fitted(await adapterOf(settings, key), model, own?.instructions), name, model };
  };

  const modelsOf = async (settings: ProviderSettings, keyOf: KeyOf): Promise<Model[]> => {
    const key = await keyFor(settings, keyOf);
    const needsKey = settings.ownKeys && key === undefined;
    if (!needsKey) makeReady(settings, key);
    const list = (await listOf(settings, key, true)) ?? [];
    const curated = settings.models.map((own) => modelOf(settings, own.name, own, list.find((one) => one.name === own.name), needsKey));
    const others = list.filter((one) => settings.models.every((own) => own.name !== one.name));
    return [...curated, ...others.map((one) => modelOf(settings, one.name, undefined, one, needsKey))];
  };

  return {
    serve,
    async list(keyOf) {
      const models = (await Promise.all(providers.map((settings) => modelsOf(settings, keyOf)))).flat();
      if (demo !== undefined) models.push(DEMO);
      const usable = models.filter((model) => !model.needsKey);
      const wished = models.find((model) => model.id === options.defaultModel);
      const first = (wished?.needsKey === false ? wished : usable[0]) ?? wished;
      return { models, default: first?.id ?? null };
    },
    titleModel(model) {
      const settings = providers.find((one) => model.startsWith(`${one.id}/`));
      return settings?.titleModel === undefined ? model : (`${settings.id}/${settings.titleModel}` as ModelId);
    },
    ownKeys: providers.filter((settings) => settings.ownKeys).map(({ id, name }) => ({ provider: id, providerName: name })),
  };
}

/** One adapter for each provider and key: what it has learnt of its server is kept. One that could not be opened, for want of files or memory, is opened anew the next time. */
function openAdapters(): (settings: ProviderSettings, key: string | undefined) => Promise<Provider> {
  const adapters = new Map<string, Promise<Provider>>();
  return (settings, key) => {
    const name = `${settings.id}:${key ?? ''}`;
    const known = adapters.get(name);
    const adapter = known ?? openProvider(settings.kind, { baseUrl: settings.baseUrl, key, headers: settings.headers, background: settings.background });
    adapters.delete(name);
    adapters.set(name, adapter);
    if (known === undefined) adapter.catch(() => adapters.get(name) === adapter && adapters.delete(name));
    if (adapters.size > MOST_ADAPTERS) adapters.delete(adapters.keys().next().value as string);
    return adapter;
  };
}

/** What the deployment says of a model goes before what its provider says, and that before what its name tells. */
function modelOf(settings: ProviderSettings, name: string, own: ModelSettings | undefined, listed: ProviderModel | undefined, needsKey: boolean): Model {
  const family = familyOf(settings.kind, name);
  const contextTokens = own?.contextTokens ?? listed?.contextTokens;
  return {
    id: `${settings.id}/${name}` as ModelId,
    name: own?.label ?? listed?.label ?? name,
    provider: settings.id,
    providerName: settings.name,
    vision: own?.vision ?? listed?.vision ?? family.vision,
    fields: [...(own?.fields ?? family.fields)],
    ...(contextTokens !== undefined && { contextTokens }),
    needsKey,
    isDemo: false,
    ...(own?.description !== undefined && { description: own.description }),
  };
}

/** The provider as this model wants to be asked: only the fields it has, after the instructions of the deployment. */
function fitted(provider: Provider, model: Model, instructions: string | undefined): Provider {
  return { stream: (prompt, signal) => provider.stream(fit(prompt, model, instructions), signal), models: (signal) => provider.models(signal), ...(provider.kept && { kept: provider.kept }) };
}

function fit(prompt: Prompt, model: Model, instructions: string | undefined): Prompt {
  const has = Object.entries(prompt.parameters).filter(([field]) => (model.fields as readonly string[]).includes(field) || (field === 'instructions' && prompt.purpose === 'title'));
  const parameters = Object.fromEntries(has) as Prompt['parameters'];
  if (prompt.purpose === 'title' || instructions === undefined) return { ...prompt, parameters };
  return { ...prompt, parameters: { ...parameters, instructions: [instructions, parameters.instructions].filter((one) => one !== undefined && one.trim() !== '').join('\n\n') } };
}
