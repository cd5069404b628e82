import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { CopyDiffers, type Sink } from '../../server/journal/sinks/sink.ts';
import { FAULTS, NO_ROOM, type FaultyServer } from '../support/faulty-server.ts';
import { random } from '../support/random.ts';
import { placed, TILE, type OpenPlace } from './sink.suite.ts';

export interface RemotePlace extends OpenPlace {
  readonly server: FaultyServer;
  /** One that gives up a call which is not answered for so long. */
  impatient(answerWithinMs: number): Sink;
}

/** What is promised of a sink at the other end of a network, whatever goes wrong on the way. `kinds` names what it asks of the server. */
export function remoteSuite(name: string, open: () => Promise<RemotePlace>, kinds: readonly string[]): void {
  const EVERYTHING = { records: placed(0, 40), notes: ['note\n'], keys: ['key\n'] };

  /** All that belongs there, as whoever ships puts it: again from what is held, as often as a call fails; and how often that was. */
  async function putAll(sink: Sink): Promise<number> {
    for (let failures = 0; ; failures++) {
      try {
        for (let { size } = await sink.held(); size < 40; { size } = await sink.held()) await sink.putRecords(placed(size, Math.min(40, size + 15)));
        await sink.putTile(0, 0, TILE);
        await sink.putCheckpoint(40, 'note\n', ['key']);
        return failures;
      } catch (error) {
        if (error instanceof CopyDiffers || failures === 200) throw error;
      }
    }
  }

  describe(`[RE9] the ${name} sink over a network`, () => {
    describe.each(kinds)('where %s goes wrong', (kind) => {
      it.each(FAULTS)('holds all of it once, and nothing else (%s)', async (fault) => {
        const place = await open();
        for (const nth of [1, 2, 3]) {
          let left = nth;
          place.server.faultOf = (what) => (what === kind && --left === 0 ? fault : undefined);
          const failures = await putAll(place.sink());
          expect(failures).toBeLessThanOrEqual(1);
          expect(await place.contents()).toEqual(EVERYTHING);
        }
        expect(place.server.asked.filter((what) => what === kind).length).toBeGreaterThan(2);
        await place.close();
      });
    });

    it.each([1, 2, 3, 4, 5, 6])('holds all of it once when a third of all that is asked goes wrong (seed %i)', async (seed) => {
      const place = await open();
      const dice = random(seed);
      place.server.faultOf = () => (dice.below(3) === 0 ? dice.pick(FAULTS) : undefined);
      await Promise.all([putAll(place.sink()), putAll(place.sink())]);
      place.server.faultOf = () => undefined;
      expect([await place.contents(), (await place.sink().held()).size]).toEqual([EVERYTHING, 40]);
      await place.close();
    });

    it('says what was answered, in a sentence with the place, and nothing of what was to be written', async () => {
      const place = await open();
      place.server.faultOf = () => '503';
      const secret = placed(0, 3).map((one) => ({ ...one, record: { ...one.record, sealed: 'cipher-text' } }));
      const error: unknown = await place.sink().putRecords(secret).catch((one: unknown) => one);
      expect(error).toMatchObject({ message: expect.stringMatching(/503.*backendError/u) });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('cipher-text');
      await place.close();
    });

    it.each(NO_ROOM)('says why, holds what it held and goes on from there when there is no room for what comes, and that is said in the middle of it (%i)', async (status) => {
      const place = await open();
      const sink = place.sink();
      await sink.putRecords(placed(0, 15));
      place.server.fullWith = status;
      const large = placed(15, 40).map(({ place: at, record }) => ({ place: at, record: { ...record, sealed: String(at).repeat(50_000) } }));
      for (let times = 0; times < 3; times++) await expect(sink.putRecords(large)).rejects.toThrow(new RegExp(`${status}.*quotaExceeded`, 'u'));
      expect([await sink.held(), await place.sink().held()]).toEqual(Array(2).fill({ size: 15, last: placed(14, 15)[0] }));
      place.server.fullWith = undefined;
      await sink.putRecords(large);
      expect((await place.contents()).records).toEqual([...placed(0, 15), ...large]);
      await place.close();
    });

    it.each(kinds)('gives up what is never answered (%s)', async (kind) => {
      const place = await open();
      const sink = place.impatient(200);
      place.server.faultOf = (what) => (what === kind ? 'hangs' : undefined);
      await expect(sink.putRecords(placed(0, 3)).then(() => sink.held())).rejects.toThrow(/no answer came/u);
      place.server.faultOf = () => undefined;
      await putAll(sink);
      expect(await place.contents()).toEqual(EVERYTHING);
      await place.close();
    });

    it('sends no credential of the operator’s to an address that is not Google’s', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
      const place = await open();
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
      writeFileSync(join(folder, 'key.json'), JSON.stringify({ type: 'service_account', project_id: 'p', private_key_id: '1', private_key: privateKey, client_email: 'who@example.org', token_uri: `${place.server.url}/token` }));
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'key.json'));
      expect(await putAll(place.sink())).toBe(0);
      expect([place.server.authorizations, place.server.asked.filter((what) => !kinds.includes(what)), await place.contents()]).toEqual([[], [], EVERYTHING]);
      vi.unstubAllEnvs();
      await place.close();
      rmSync(folder, { recursive: true });
    });
  });
}
