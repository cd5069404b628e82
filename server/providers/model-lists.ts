import { createHash } from 'node:crypto';
import { ModelId } from '../../contracts/ids.ts';
import type { Provider, ProviderModel } from './provider.ts';

const GOOD_FOR_MS = 600_000;
/** After a failure the provider is left alone for a while. */
const REST_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** Lists differ by key, and people bring keys. */
const MOST_LISTS = 500;
const MOST_MODELS = 2_000;

interface Entry {
  readonly models: readonly ProviderModel[] | undefined;
  readonly staleAt: number;
  readonly fetching: Promise<readonly ProviderModel[] | undefined> | undefined;
}

/** Lists that providers give of their models, fetched at most every ten minutes for each key. */
export interface ModelLists {
  /**
   * The list of a provider for a key; `undefined` when there is none and it could not be fetched within 5 s. Never throws; a failure keeps the last good list.
   * A list that has grown old is given at once and renewed behind it, unless `isPatient`.
   */
  of(id: string, key: string | undefined, provider: () => Promise<Provider>, isPatient: boolean): Promise<readonly ProviderModel[] | undefined>;
}

/** Lists of models as their providers tell them, remembered for a while. */
export function openModelLists(now: () => number = () => performance.now()): ModelLists {
  const entries = new Map<string, Entry>();
  const keep = (name: string, entry: Entry): void => {
    entries.delete(name);
    entries.set(name, entry);
    if (entries.size > MOST_LISTS) entries.delete(entries.keys().next().value as string);
  };
  const fetchList = async (name: string, provider: () => Promise<Provider>): Promise<readonly ProviderModel[] | undefined> => {
    try {
      const models = wellFormed(await within((await provider()).models(AbortSignal.timeout(TIMEOUT_MS)), TIMEOUT_MS));
      keep(name, { models, staleAt: now() + GOOD_FOR_MS, fetching: undefined });
      return models;
    } catch {
      // The provider says why when somebody talks to it; a list that is missing for a while is no fault of this server.
      const models = entries.get(name)?.models;
      keep(name, { models, staleAt: now() + REST_MS, fetching: undefined });
      return models;
    }
  };
  return {
    of(id, key, provider, isPatient) {
      const name = `${id}:${key === undefined ? '' : createHash('sha256').update(key).digest('base64')}`;
      const entry = entries.get(name);
      if (entry !== undefined && entry.fetching === undefined && now() < entry.staleAt) return Promise.resolve(entry.models);
      const fetching = entry?.fetching ?? fetchList(name, provider);
      if (entry?.fetching === undefined) keep(name, { models: entry?.models, staleAt: entry?.staleAt ?? 0, fetching });
      return !isPatient && entry?.models !== undefined ? Promise.resolve(entry.models) : fetching;
    },
  };
}

/** What a server lists is only as good as the server: names that no model id can hold, and facts of the wrong kind, are left out. */
function wellFormed(models: readonly ProviderModel[]): ProviderModel[] {
  const listed = models.slice(0, MOST_MODELS).filter(({ name }) => typeof name === 'string' && ModelId.safeParse(`x/${name}`).success);
  return listed.map(({ name, label, vision, contextTokens }) => ({
    name,
    ...(typeof label === 'string' && label.trim() !== '' && { label: label.slice(0, 200).toWellFormed() }),
    ...(typeof vision === 'boolean' && { vision }),
    ...(Number.isSafeInteger(contextTokens) && Number(contextTokens) > 0 && { contextTokens: Number(contextTokens) }),
  }));
}

/** An SDK that does not heed its signal does not keep people waiting. */
function within<T>(asked: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), ms);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
