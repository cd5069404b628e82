import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { saved, verified } from '../support/packages.ts';
import { ask } from '../support/reviewer.ts';
import { writeRecords } from '../support/sealed-records.ts';
import { newWitnessed, WITNESS } from '../support/witnessed.ts';

describe('[PF4] a log that is not what its witness has cosigned', () => {
  it('because the data of an earlier day was put back is refused, its operator is told, and so it stays when it has grown past that', async () => {
    let store: Store | undefined;
    await using both = await newWitnessed({ wrap: (real) => (store = real) });
    const { log, admin, until, own } = both;
    let putBack = (): Promise<void> => Promise.reject(new Error('nothing was kept'));
    const early = await until(({ state }) => state === 'whole');
    await log.restart({}, async () => void (putBack = await log.aside()));
    await writeRecords(store!, newId<ConversationId>(), 300);
    const late = await until(({ state, size }) => state === 'whole' && size > early.size + 250);
    await log.restart({}, () => putBack());
    const refused = await until(({ state }) => state === 'refused');
    expect(refused.size).toBeLessThan(late.size);
    expect(await (await fetch(`${log.url}/metrics`)).text()).toContain(`gorunchat_witness_refuses{witness="${WITNESS}"} 1`);
    await writeRecords(store!, newId<ConversationId>(), 600);
    await vi.waitUntil(async () => (await both.state()).of > late.size + 200, { timeout: 30_000, interval: 300 });
    const asked = both.wire.asked.length;
    await vi.waitUntil(() => both.wire.asked.slice(asked).some((body) => body.startsWith(`old ${late.size}\n`)), { timeout: 60_000, interval: 300 });
    expect(await both.state()).toMatchObject({ state: 'refused', size: refused.size });
    expect(await own()).toMatchObject({ size: late.size });
    await ask(admin, 'rename', {}, { name: 'Still here' });

    // And whoever has what the witness cosigned finds it out without either of them.
    const { code, said } = await verified(log.place, '--checkpoint', saved('cosigned.txt', late.note!), '--witness', both.key);
    expect([code, said]).toEqual([1, expect.stringContaining('are not those of the checkpoint that was kept elsewhere')]);
  });
});

describe('[PF5] gorunchat verify with the key of a witness', () => {
  it('says how far it was cosigned, and calls nothing intact that was not', async () => {
    const archive = mkdtempSync(join(tmpdir(), 'archive-'));
    await using both = await newWitnessed({ config: { archiveFolder: archive } });
    const { log, until, key } = both;
    const { size, note } = await until(({ state }) => state === 'whole');
    const cosigned = expect.stringMatching(new RegExp(`^Intact: [^]*\\n${WITNESS} has cosigned the first ${size} records, on \\d{4}-\\d\\d-\\d\\dT`, 'u'));
    const folder = mkdtempSync(join(tmpdir(), 'verified-'));
    const file = join(folder, 'cosigned.txt');
    writeFileSync(file, note!);
    expect(await verified(log.place, '--witness', key)).toEqual({ code: 0, said: expect.stringMatching(/^Intact: [^]*has cosigned the first \d+ records/u) });
    expect(await verified(archive, '--witness', key, '--checkpoint', file)).toEqual({ code: 0, said: cosigned });
    const without = { code: 1, said: expect.stringContaining(`missing: no checkpoint that was given or is kept there was cosigned by ${WITNESS}`) };
    expect(await verified(archive, '--witness', key)).toEqual(without);
    writeFileSync(file, note!.replace(/^(— witness\S+ .{20})./mu, (line, start: string) => `${start}${line.endsWith('A') ? 'B' : 'A'}`));
    expect(await verified(archive, '--witness', key, '--checkpoint', file)).toEqual(without);
    const other = `${WITNESS}+${key.split('+')[1]}+${'A'.repeat(44)}`;
    expect(await verified(log.place, '--witness', other)).toEqual({ code: 2, said: expect.stringContaining('this is no public key of a witness') });
  });
});
