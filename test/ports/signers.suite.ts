import { describe, expect, it } from 'vitest';
import { openAudit } from '../../server/journal/audit.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { openSigners } from '../../server/journal/signers.ts';
import { around } from '../../server/store/around.ts';
import type { OpenStore } from './store.suite.ts';

const ACTOR = { user: null, session: null, address: '', agent: '' };

/** What the keys of the log promise on every store. */
export function signersSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`[RE6] the keys of the log on the ${name} store`, () => {
    it('are the same for all instances, whichever makes one, and of two that change the key at the same moment one does', async () => {
      const { store: given, close } = await open();
      const both = Promise.withResolvers<void>();
      let left = Number.POSITIVE_INFINITY;
      // Neither commits before the other one has read what both change.
      const store = around(given, { commit: async (changes, fence) => {
        if (--left === 0) both.resolve();
        if (left < 2) await both.promise;
        return given.commit(changes, fence);
      } });
      try {
        const master = newKey();
        const instance = () => openSigners(store, openKeys(store, master), openAudit(store, openKeys(store, master), { now: () => 1_000 }));
        const [one, other] = await Promise.all([instance(), instance()]);
        const namesOf = async (signers: typeof one) => (await signers.now()).map(({ verifierKey }) => verifierKey);
        const [first] = await namesOf(one);
        expect(await namesOf(other)).toEqual([first]);
        left = 2;
        const answers = await Promise.allSettled([one.change(ACTOR), other.change(ACTOR)]);
        const made = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
        expect([made.length, answers.find(({ status }) => status === 'rejected')]).toMatchObject([1, { reason: { code: 'moved-on' } }]);
        for (const signers of [one, other, await instance()]) expect(await namesOf(signers)).toEqual([made[0], first]);
        const third = await other.change(ACTOR);
        expect(await namesOf(one)).toEqual([third, made[0]]);
        expect(new Set((await one.now()).map(({ origin }) => origin)).size).toBe(1);
      } finally {
        await close();
      }
    });
  });
}
