import type { SimulatedClock } from 'xstate';
import { cosignedAt, nameIn } from '../../contracts/proofs/cosignature.ts';
import type { AuditRecord } from '../../contracts/records.ts';
import type { Shipped } from '../../machines/shipping.ts';
import type { Kinds } from '../store/kinds.ts';
import { wentThrough } from '../store/refused.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import { idFor } from '../ids.ts';
import { heldBy, isElsewhere, letGo } from './holder.ts';
import { nodePrimitives } from './node-primitives.ts';
import { recordsFrom } from './places.ts';
import type { SealedLog } from './sealed-log.ts';
import { atMost, startShipper } from './shipper.ts';

/** A witness of c2sp.org/tlog-witness: where it is asked, and the public key of its cosignatures, which says its name. */
export interface WitnessAddress {
  readonly url: string;
  readonly key: string;
}

/** How far the log was cosigned by one witness. */
export interface WitnessState {
  readonly name: string;
  readonly place: string;
  /** Records under the last checkpoint that it cosigned, when, and that checkpoint with its cosignature. */
  readonly size: number;
  readonly of: number;
  readonly at: number | null;
  readonly note: string | null;
  /** `refused`: it has cosigned another log under this name, or one that was longer. */
  readonly state: 'whole' | 'behind' | 'failing' | 'refused';
}

export interface WitnessingWorld {
  readonly store: Store;
  readonly log: Pick<SealedLog, 'checkpoint' | 'consistency'>;
  readonly witness: WitnessAddress;
  readonly instance: string;
  readonly now: () => number;
  /** Between two checkpoints that are sent. */
  readonly everyMs: number;
  /** Timers, where a test sets the time. */
  readonly timers?: SimulatedClock;
  /** For the operator, once for each run of failures, and once more when they turn out to be a refusal. */
  warn(error: unknown): void;
}

export interface Witnessing {
  state(): Promise<WitnessState>;
  /** The same as it was seen by this instance last. */
  seen(): Pick<WitnessState, 'name' | 'size' | 'of' | 'state'>;
  close(): Promise<void>;
}

/** The witness knows this log as another one than it is. Nothing is put right by itself. */
export class WitnessRefuses extends Error {}

const WITHIN_MS = 15_000;
const CLOSE_WITHIN_MS = 5_000;
const MOST_ANSWER = 16_384;
/** As many cosignatures for others are left for later at most. */
const MOST_LEFT = 100;
const COSIGNED: AuditRecord['type'] = 'checkpoint-cosigned';
const NOTHING: Kinds['cosigned'] = { size: 0, at: 0, note: '', isRefused: false, holder: '', until: 0 };

/**
 * Has the log cosigned by a witness: the latest checkpoint, every so often, with the proof that it begins with what was cosigned before. Nothing waits for it, and while the witness is gone it is asked again, at least
 * every five minutes. One instance at a time does it. An answer that was lost is asked for again: the witness says what it has. The
 * first time it is asked in any case: of data of an earlier day that were put back nothing else here would tell.
 */
export function startWitnessing(world: WitnessingWorld): Witnessing {
  const { store, witness, everyMs, timers, warn } = world;
  const id = idFor(witness.key);
  let isClosing = false;
  let isFirst = true;
  let last: Seen = { size: 0, of: 0, isRefused: false };
  const ship = async (): Promise<Shipped> => {
    const shipped = await haveCosigned(world, id, { isFirst, isClosing: () => isClosing, onSeen: (now) => (last = now) });
    isFirst = false;
    return shipped;
  };
  const shipper = startShipper({ ship, everyMs, timers, warn, isForGood: (problem) => problem instanceof WitnessRefuses });
  const stateOf = ({ size, of, isRefused }: Seen): WitnessState['state'] => {
    if (isRefused) return 'refused';
    if (shipper.problem() !== undefined) return 'failing';
    return size >= of ? 'whole' : 'behind';
  };
  return {
    async state() {
      const { size, at, note, isRefused } = (await store.get('cosigned', id))?.body ?? NOTHING;
      const of = await toCosign(store, size);
      return { name: nameIn(witness.key), place: witness.url, size, of, at: note === '' ? null : at, note: note === '' ? null : note, state: stateOf({ size, of, isRefused }) };
    },
    seen: () => ({ name: nameIn(witness.key), size: last.size, of: last.of, state: stateOf(last) }),
    async close() {
      isClosing = true;
      await atMost(CLOSE_WITHIN_MS, shipper.end().then(() => letGo(world, 'cosigned', id)));
    },
  };
}

type Seen = Pick<Kinds['cosigned'], 'size' | 'isRefused'> & { readonly of: number };

async function haveCosigned(world: WitnessingWorld, id: string, { isFirst, isClosing, onSeen }: { readonly isFirst: boolean; isClosing(): boolean; onSeen(now: Seen): void }): Promise<Shipped> {
  const { store, instance, now } = world;
  for (;;) {
    const kept = await store.get('cosigned', id);
    const before = kept?.body ?? NOTHING;
    const of = await toCosign(store, before.size);
    onSeen({ size: before.size, of, isRefused: before.isRefused });
    if (isClosing() || of === 0 || (before.size === of && !before.isRefused && !isFirst) || isElsewhere(before, instance, now())) return { holds: before.size, of };
    const keep = async (said: Partial<Kinds['cosigned']>): Promise<boolean> => {
      const latest = await store.get('cosigned', id);
      return wentThrough(store.commit([{ do: 'put', kind: 'cosigned', id, version: latest?.version ?? 0, body: { ...(latest?.body ?? NOTHING), ...said, ...heldBy(instance, now()) } }], UNFENCED));
    };
    if (!(await wentThrough(store.commit([{ do: 'put', kind: 'cosigned', id, version: kept?.version ?? 0, body: { ...before, ...heldBy(instance, now()) } }], UNFENCED)))) continue;
    try {
      const { size, note, seconds } = await cosignedFrom(world, before.size);
      if (!(await keep({ size, note, at: seconds * 1_000, isRefused: false }))) continue;
      onSeen({ size, of: size, isRefused: false });
      return { holds: size, of: size };
    } catch (error) {
      if (error instanceof WitnessRefuses && !before.isRefused) await keep({ isRefused: true });
      if (error instanceof WitnessRefuses) onSeen({ size: before.size, of, isRefused: true });
      throw error;
    }
  }
}

/**
 * How many records there are to be cosigned: all of the log, unless so many were and nothing has come since but that this deployment has cosigned for others. Those go with whatever comes next: two deployments that
 * witness each other would have each other's cosignatures cosigned for ever.
 */
async function toCosign(store: Store, cosigned: number): Promise<number> {
  const size = (await store.get('checkpoint', 'latest'))?.body.size ?? 0;
  if (cosigned === 0 || size <= cosigned || size - cosigned > MOST_LEFT) return size;
  const since = await recordsFrom(cosigned, size, store).catch(() => []); // what is missing there is for `verify` to say: the checkpoint is cosigned all the same
  return since.length === size - cosigned && since.every(({ record }) => record.type === COSIGNED) ? cosigned : size;
}

/** The latest checkpoint with its cosignature. `from`: how much of the log it has cosigned, as far as is known here; when it is more, it says so. */
async function cosignedFrom(world: WitnessingWorld, from: number): Promise<{ size: number; note: string; seconds: number }> {
  const { log, witness } = world;
  const name = nameIn(witness.key);
  const refuses = (why: string): WitnessRefuses => new WitnessRefuses(`The witness ${name} refuses the log: ${why}. Either somebody has cut it back or written it anew, or a backup was restored. Check it with a checkpoint that was kept elsewhere before anything else is done.`);
  const { size: now } = await log.checkpoint();
  if (from > now) throw refuses(`it has cosigned ${from} records, and there are ${now}`);
  const { checkpoint, proof } = await log.consistency(from);
  const { status, text } = await ask(witness, `old ${from}\n${proof.map((hash) => `${hash}\n`).join('')}\n${checkpoint.note}`);
  if (status === 200) {
    const note = `${checkpoint.note}${text}`;
    const seconds = cosignedAt(nodePrimitives, note, witness.key);
    if (seconds === undefined) throw new Error(`The witness ${name} has answered without its cosignature.`);
    return { size: checkpoint.size, note, seconds };
  }
  const known = status === 409 && /^(?:0|[1-9]\d{0,15})\n$/u.test(text) ? Number(text) : undefined;
  if (known !== undefined && known > from) return cosignedFrom(world, known); // an answer of before was lost
  if (known === from) throw refuses(`it has cosigned another root over ${from} records`);
  if (known !== undefined) throw new Error(`The witness ${name} has cosigned ${from} records and says now that it has cosigned ${known}: it has lost what it knew.`);
  if (status === 422) throw refuses(`this is not what follows from the ${from} records that it has cosigned`);
  throw new Error(`The witness ${name} answered ${status}${status === 404 || status === 403 ? ': it does not know this log or its key' : ''}.`);
}

async function ask({ url }: WitnessAddress, body: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${url.replace(/\/+$/u, '')}/add-checkpoint`, { method: 'POST', redirect: 'error', headers: { 'content-type': 'text/plain; charset=utf-8' }, body, signal: AbortSignal.timeout(WITHIN_MS) });
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of reply.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MOST_ANSWER) throw new Error(`${new URL(url).origin} answered more than a witness does`);
  }
  return { status: reply.status, text };
}
