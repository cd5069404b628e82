import { vi } from 'vitest';
import type { LogWitness, OwnWitness } from '../../contracts/records.ts';
import type { z } from '../../contracts/zod.ts';
import { newFaultyServer, type FaultyServer } from './faulty-server.ts';
import { ask } from './reviewer.ts';
import { newServer, type ServerOptions, type TestServer } from './server.ts';
import { newAccount, type Account } from './tab.ts';

type State = z.infer<typeof LogWitness>;

/** A deployment whose log another one cosigns, both real, with a wire between them that can go wrong. */
export interface Witnessed extends AsyncDisposable {
  readonly log: TestServer;
  readonly admin: Account;
  readonly witness: TestServer;
  readonly adminOfWitness: Account;
  readonly wire: FaultyServer;
  /** The public key of the witness. */
  readonly key: string;
  /** What the administrator of the log is told of its witness. */
  state(): Promise<State>;
  /** What the administrator of the witness is told of the log. */
  own(): Promise<z.infer<typeof OwnWitness>['logs'][number]>;
  until(holds: (state: State) => boolean): Promise<State>;
}

export const WITNESS = 'witness.example.org/w1';

export async function newWitnessed(options: ServerOptions = {}): Promise<Witnessed> {
  const log = await newServer(options);
  const admin = await newAccount(log.url, 'admin@example.org');
  const signed = await vi.waitUntil(async () => ask<{ note: string; keys: string[] }>(admin, 'logCheckpoint').catch(() => undefined), { timeout: 30_000, interval: 200 });
  const witness = await newServer({ config: { witness: { name: WITNESS, logs: [{ origin: signed.note.split('\n')[0]!, keys: signed.keys }] } } });
  const adminOfWitness = await newAccount(witness.url, 'admin@example.org');
  const ownOf = async (): Promise<z.infer<typeof OwnWitness>> => (await ask<{ own: z.infer<typeof OwnWitness> }>(adminOfWitness, 'logWitnesses')).own;
  const { key } = await ownOf();
  const wire = await newFaultyServer(({ body }) => body.toString(), async ({ url, headers, body }) => {
    const reply = await fetch(witness.url + url.pathname, { method: 'POST', headers: { 'content-type': headers['content-type'] ?? '' }, body: new Uint8Array(body) });
    return { status: reply.status, headers: { 'content-type': reply.headers.get('content-type') ?? '' }, body: await reply.text() };
  });
  await log.restart({ witnesses: [{ url: `${wire.url}/api/witness`, key }], witnessEveryMs: 100 });
  const state = async (): Promise<State> => (await ask<{ witnesses: State[] }>(admin, 'logWitnesses')).witnesses[0]!;
  return {
    log, admin, witness, adminOfWitness, wire, key, state,
    own: async () => (await ownOf()).logs[0]!,
    until: (holds) => vi.waitUntil(async () => state().then((now) => holds(now) && now), { timeout: 60_000, interval: 300 }),
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await wire[Symbol.asyncDispose]();
      await witness[Symbol.asyncDispose]();
    },
  };
}
