import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import type { AuditRecord } from '../../contracts/records.ts';
import { idFor } from '../ids.ts';
import type { Kinds } from '../store/kinds.ts';
import { wentThrough } from '../store/refused.ts';
import type { Store, Stored } from '../store/store.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { openCosigner, type Cosigner } from './cosigner.ts';
import { ITSELF } from './journal.ts';
import type { Keys } from './keys.ts';
import { EMPTY_ROOT, provesConsistency } from './merkle.ts';
import { unlessThere } from './signers.ts';
import { originOf, readCheckpoint, type Checkpoint } from './signed-note.ts';

/** The logs that this deployment is a witness for, and what it is called then. */
export interface WitnessSettings {
  readonly name: string;
  readonly logs: readonly { readonly origin: string; readonly keys: readonly string[] }[];
}

/** The answer to whoever has asked for a cosignature: the status that c2sp.org/tlog-witness gives it, and what it says. `size`: what was cosigned last. */
export type WitnessAnswer = { readonly status: 200; readonly cosignature: string } | { readonly status: 400 | 403 | 404 | 422; readonly says: string } | { readonly status: 409; readonly size: number };

/**
 * Cosigns what logs of others say of themselves, each only as long as nothing that it has cosigned of that log is missing or another: what it has seen of a log is committed, with its record, before it answers, and of
 * those who ask at once only one goes on from there. A log that was cut back or written anew is refused; where it has signed two roots for as many records, that is on record with what it has signed.
 */
export interface Witness {
  /** With which others check: name, hash and public key. */
  readonly key: string;
  /** `request` as the protocol has it: how much of the log was cosigned, the proof from there, and the checkpoint. Throws `record-unavailable` while nothing can be kept. */
  add(request: string): Promise<WitnessAnswer>;
  /** What was cosigned last of each log. */
  logs(): Promise<readonly { readonly origin: string; readonly size: number; readonly at: number | null; readonly isRefused: boolean }[]>;
}

export interface WitnessWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly now: () => number;
  /** For the operator: another log has shown up under the same name. */
  readonly warn: (error: unknown) => void;
}

interface Request {
  readonly old: number;
  readonly proof: readonly Buffer[];
  readonly note: string;
}

const MOST_PROOF = 63;

/** Opens the witness, and makes its key when there is none of this name. Throws `CannotStart` while that cannot be put on record. */
export async function openWitness(world: WitnessWorld, { name, logs }: WitnessSettings): Promise<Witness> {
  const cosigner = await cosignerOf(world, name);
  return {
    key: cosigner.verifierKey,
    async add(text) {
      const request = requestIn(text);
      if (request === undefined) return { status: 400, says: 'This is no request of c2sp.org/tlog-witness.' };
      const log = logs.find(({ origin }) => origin === originOf(request.note));
      if (log === undefined) return { status: 404, says: 'This log is not known here.' };
      const checkpoint = signedBy(log.keys, request.note);
      if (checkpoint === undefined) return { status: 403, says: 'No key that is known here has signed this for the log.' };
      if (request.old > checkpoint.size) return { status: 400, says: 'The log cannot have become shorter.' };
      for (;;) {
        const answer = await decide(world, request, checkpoint);
        if (answer === 'again') continue;
        return answer ?? { status: 200, cosignature: cosigner.cosignature(textOf(request.note), Math.floor(world.now() / 1_000)) };
      }
    },
    async logs() {
      return Promise.all(logs.map(async ({ origin }) => {
        const kept = (await world.store.get('witnessed', idFor(origin)))?.body;
        return { origin, size: kept?.size ?? 0, at: kept?.at ?? null, isRefused: kept !== undefined && kept.refused !== null };
      }));
    },
  };
}

async function cosignerOf({ keys, audit }: WitnessWorld, name: string): Promise<Cosigner> {
  const id = `witness:${idFor(name)}`;
  if ((await keys.ownerOf(id)) === undefined) {
    const { key, change } = keys.make(id, DEPLOYMENT.id);
    await audit.commit([change], { type: 'witness-key-made', v: 1, key: openCosigner(key, name).verifierKey }, ITSELF, DEPLOYMENT).catch((error: unknown) => {
      unlessThere(error, 'The key of this witness');
      keys.forget(id);
    });
  }
  const seed = await keys.of(id);
  if (seed === undefined) throw new Error('The key of this witness is missing. Nothing is cosigned.');
  return openCosigner(seed, name);
}

/** Undefined once the checkpoint is kept as what was cosigned last; `again` when somebody else was first. */
async function decide(world: WitnessWorld, { old, proof, note }: Request, checkpoint: Checkpoint): Promise<WitnessAnswer | 'again' | undefined> {
  const { origin, size, root } = checkpoint;
  const kept = await world.store.get('witnessed', idFor(origin)).catch((cause: unknown) => {
    throw new Failure('record-unavailable', { cause });
  });
  const known = { size: kept?.body.size ?? 0, root: kept === undefined ? EMPTY_ROOT : Buffer.from(kept.body.root, 'base64') };
  if (old !== known.size) return { status: 409, size: known.size };
  if (!provesConsistency(known, checkpoint, proof)) {
    // A proof can be wrong without the log being so, and anybody can send one: only two roots for as many records prove that there are two logs.
    if (kept === undefined || size !== known.size || root.equals(known.root)) return { status: 422, says: 'The proof does not lead from what was cosigned to this checkpoint.' };
    return (await refuse(world, kept, checkpoint, note)) ? { status: 409, size } : 'again';
  }
  if (kept !== undefined && size === known.size) return undefined;
  const body: Kinds['witnessed'] = { origin, size, root: root.toString('base64'), at: world.now(), refused: kept?.body.refused ?? null };
  return (await keep(world, kept, body, { type: 'checkpoint-cosigned', v: 1, origin, size, root: body.root })) ? undefined : 'again';
}

/** On record, and told, once: that the log has signed two roots for as many records is the proof that it is not one log. */
async function refuse(world: WitnessWorld, kept: Stored<'witnessed'>, { origin, size }: Checkpoint, note: string): Promise<boolean> {
  const refused = createHash('sha256').update(textOf(note)).digest('base64');
  if (kept.body.refused === refused) return true;
  const isKept = await keep(world, kept, { ...kept.body, refused }, { type: 'checkpoint-refused', v: 1, origin, size, note });
  if (isKept) world.warn(new Error(`The log ${origin} has signed two different roots over ${size} records: it was written anew, or there are two of it. What it has signed is on record.`));
  return isKept;
}

function keep({ audit }: WitnessWorld, kept: Stored<'witnessed'> | undefined, body: Kinds['witnessed'], said: AuditRecord): Promise<boolean> {
  return wentThrough(audit.commit([{ do: 'put', kind: 'witnessed', id: idFor(body.origin), version: kept?.version ?? 0, body }], said, ITSELF, DEPLOYMENT));
}

function requestIn(text: string): Request | undefined {
  const split = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(split, 0)).split('\n');
  const [, old] = /^old (0|[1-9]\d{0,15})$/u.exec(first) ?? [];
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const note = text.slice(split + 2);
  const isProof = lines.length <= MOST_PROOF && lines.every((line, index) => proof[index]?.length === 32 && proof[index].toString('base64') === line);
  return old === undefined || !isProof || !/^[^\n]+\n(?:0|[1-9]\d{0,15})\n[A-Za-z0-9+/=]{44}\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+$/u.test(note) ? undefined : { old: Number(old), proof, note };
}

function signedBy(keys: readonly string[], note: string): Checkpoint | undefined {
  try {
    return readCheckpoint(note, keys);
  } catch {
    return undefined; // told to whoever asks as the status that the protocol has for it
  }
}

/** What is signed of a note. */
function textOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}
