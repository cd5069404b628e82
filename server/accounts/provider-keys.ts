import type { UserId } from '../../contracts/ids.ts';
import type { ProviderKey } from '../../contracts/models.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import { personKey } from '../journal/keys.ts';
import { open, seal } from '../journal/seal.ts';
import type { Store, Stored } from '../store/store.ts';
import type { People } from './people.ts';

/** Keys that people bring for providers: encrypted under the person's key, never sent back, gone when they expire. */
export interface ProviderKeys {
  of(user: UserId, provider: string): Promise<string | undefined>;
  list(user: UserId, providers: readonly { provider: string; providerName: string }[]): Promise<ProviderKey[]>;
  set(user: UserId, provider: string, key: string, expiresInDays: number | null, actor: Actor): Promise<void>;
  remove(user: UserId, provider: string, actor: Actor): Promise<void>;
  /** Also those that have expired, and of providers that are set up no longer. */
  removeAll(user: UserId, actor: Actor): Promise<void>;
}

/** Keys that people bring, encrypted under their own data keys. */
export function openProviderKeys(store: Store, people: People, audit: Audit, clock: Clock): ProviderKeys {
  const idOf = (user: UserId, provider: string): string => `${user}:${provider}`;
  const valid = async (user: UserId, provider: string) => {
    const kept = await store.get('provider-key', idOf(user, provider));
    return kept === undefined || (kept.body.expiresAt !== null && kept.body.expiresAt <= clock.now()) ? undefined : kept;
  };
  const opened = async (user: UserId, { id, body }: Stored<'provider-key'>): Promise<string> => open<string>(body.sealed, await people.keyOf(user), `provider-key:${id}`);
  return {
    async of(user, provider) {
      const kept = await valid(user, provider);
      return kept && opened(user, kept);
    },
    list: (user, providers) =>
      Promise.all(
        providers.map(async ({ provider, providerName }) => {
          const kept = await valid(user, provider);
          return { provider, providerName, isSet: kept !== undefined, expiresAt: kept?.body.expiresAt ?? null, ...(kept && { hint: hintOf(await opened(user, kept)) }) };
        }),
      ),
    async set(user, provider, key, expiresInDays, actor) {
      const id = idOf(user, provider);
      const expiresAt = expiresInDays === null ? null : clock.now() + expiresInDays * 86_400_000;
      const body = { user, provider, expiresAt, sealed: seal(key, await people.keyOf(user), `provider-key:${id}`) };
      await audit.commit([{ do: 'put', kind: 'provider-key', id, body }], { type: 'key-set', v: 1, user, provider, expiresAt }, actor, { id: personKey(user) });
    },
    async remove(user, provider, actor) {
      if ((await store.get('provider-key', idOf(user, provider))) === undefined) return;
      await audit.commit([{ do: 'remove', kind: 'provider-key', id: idOf(user, provider) }], { type: 'key-removed', v: 1, user, provider }, actor, { id: personKey(user) });
    },
    async removeAll(user, actor) {
      const { items: kept } = await store.find({ kind: 'provider-key', index: 'byUser', where: [user], limit: 1_000 }); // one for each provider
      if (kept.length === 0) return;
      const providers = kept.map(({ body }) => body.provider);
      await audit.commit(kept.map(({ id }) => ({ do: 'remove', kind: 'provider-key', id })), { type: 'keys-removed', v: 1, user, providers }, actor, { id: personKey(user) });
    },
  };
}

/** By what its owner tells it from others. */
function hintOf(key: string): string {
  return key.length >= 20 ? `…${key.slice(-4)}` : '…';
}
