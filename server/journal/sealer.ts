import type { Generation } from '../../contracts/proofs/generations.ts';
import { LOG_CHAIN } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import type { Head, Kinds } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { leafOf, recordId, START } from './journal.ts';
import { commitKnown } from './known.ts';
import { generationsOf } from './lineage.ts';
import { signedCheckpoint, type Signer } from './signed-note.ts';
import { Edge, packed, unpacked, tileId } from './tiles.ts';

const EVERY_MS = 1_000;
/** So many records are sealed in one commit; each is two changes in it, and a commit has at most 1,000. */
const MOST = 400;
/** Whoever stands by takes over when the record that has waited longest has been waiting for so long. */
const TAKE_OVER_MS = 3_000;
/** Chains whose last sealed record is remembered. */
const REMEMBERED = 10_000;

/** A record on its way into the log. */
interface Leaf {
  readonly chain: string;
  readonly number: number;
  readonly at: number;
  readonly hash: Buffer;
}

/** What the log is, for whoever watches it. */
export interface SealerWorld {
  readonly store: Store;
  readonly clock: Clock;
  /** Who signs at the moment. */
  signers(): Promise<readonly Signer[]>;
  /** For the operator, each thing once. */
  warn(error: unknown): void;
  /** Milliseconds from a record's commit to its place in the log. */
  sealed(lagMs: number): void;
  /** Around the commit of those that are sealed together; each with whatever it has waited with. */
  around?(leaves: readonly object[], commit: () => Promise<void>): Promise<void>;
}

/**
 * Gives every record one place among all records, those of one chain in their order, and signs how many there are and the root over them: each second, in one commit under a
 * fence that only one instance passes. So nothing that was signed can be taken back by another instance, and what was not committed was not signed for anybody.
 * Source: RFC 9162 for the tree, c2sp.org for checkpoint and tiles.
 */
export class Sealer {
  readonly #world: SealerWorld;
  readonly #last = new Map<string, number>();
  readonly #warned = new Set<string>();
  #edge: Edge | undefined;
  #head: Head | null = null;
  /** The public keys that have signed any checkpoint. */
  #keys: readonly string[] = [];
  #epoch = 0;
  #generations: readonly Generation[] = [];
  /** Another instance seals: the record that has waited longest, and since when it has been seen to. */
  #standsBy: { id: string | undefined; since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(world: SealerWorld) {
    this.#world = world;
  }

  /** Now, and then each second. */
  start(): void {
    clearTimeout(this.#timer);
    this.#running = this.#seal().finally(() => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), EVERY_MS).unref();
    });
  }

  /** Resolves when nothing of it runs for the moment. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Seals what is there once more, then never again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#seal();
  }

  async #seal(): Promise<void> {
    try {
      while ((await this.#sealSome()) === MOST);
    } catch (error) {
      const what = String(error);
      if (!this.#warned.has(what)) this.#world.warn(error);
      this.#warned.add(what);
    }
  }

  /** Resolves with the number of records that have a place now. */
  async #sealSome(): Promise<number> {
    const { items } = await this.#world.store.find({ kind: 'pending', index: 'byAge', where: [], order: 'up', limit: MOST });
    if (items.length === 0 || this.#leavesItToOthers(items[0]?.id)) return 0;
    const edge = this.#edge ?? (await this.#takeUp());
    const leaves = await this.#inOrder(items);
    if (leaves.length === 0) return 0; // the records themselves are gone: verify names them
    const grown = edge.grown(leaves.map(({ hash }) => hash));
    const root = grown.edge.root();
    const signers = await this.#world.signers();
    const keys = [...new Set([...this.#keys, ...signers.map(({ verifierKey }) => verifierKey)])];
    const checkpoint: Kinds['checkpoint'] = { size: grown.edge.size, at: this.#world.clock.now(), note: signedCheckpoint({ size: grown.edge.size, root, generations: this.#generations }, signers), keys };
    const to: Head = { epoch: this.#epoch, seq: grown.edge.size, number: grown.edge.size, hash: root.toString('hex') };
    try {
      const commit = (): Promise<void> => commitKnown(this.#world.store, this.#changes(edge.size, leaves, grown.changed, checkpoint), { chain: LOG_CHAIN, from: this.#head, to });
      await (this.#world.around?.(leaves, commit) ?? commit());
    } catch (error) {
      this.#edge = undefined;
      if (!(await this.#wasAnother(error))) throw error;
      this.#standsBy = { id: undefined, since: 0 };
      return 0;
    }
    [this.#edge, this.#head, this.#keys] = [grown.edge, to, keys];
    this.#remember(leaves);
    return leaves.length;
  }

  /** Whether another instance has sealed meanwhile: its head is there, or (what stores look at first is up to them) a place that it has given. */
  async #wasAnother(error: unknown): Promise<boolean> {
    if (!(error instanceof CommitRefused)) return false;
    if (error.reason === 'stale') return true;
    const head = error.reason === 'conflict' ? await this.#world.store.get('head', LOG_CHAIN) : undefined;
    return head !== undefined && head.body.hash !== this.#head?.hash;
  }

  /** Whether another instance seals and is not late. */
  #leavesItToOthers(oldest: string | undefined): boolean {
    if (this.#standsBy === undefined) return false;
    const now = this.#world.clock.now(); // may have been set back: then it waits from there
    if (this.#standsBy.id !== oldest || now < this.#standsBy.since) this.#standsBy = { id: oldest, since: now };
    if (now - this.#standsBy.since < TAKE_OVER_MS) return true;
    this.#standsBy = undefined;
    return false;
  }

  async #takeUp(): Promise<Edge> {
    const { store } = this.#world;
    const head = (await store.get('head', LOG_CHAIN))?.body ?? null;
    const edge = await Edge.of(head?.seq ?? 0, async (level, index) => unpacked((await store.get('tile', tileId(level, index)))?.body.hashes ?? ''));
    if (head !== null && edge.root().toString('hex') !== head.hash) throw new Error('The tiles of the log are not those that its head was made of: run gorunchat verify. Nothing is sealed.');
    this.#head = head;
    this.#keys = (await store.get('checkpoint', 'latest'))?.body.keys ?? [];
    const generations = await generationsOf(store);
    this.#generations = generations;
    this.#epoch = Math.max((head ?? START).epoch, ...generations.map(({ epoch }) => epoch)) + 1;
    this.#last.clear();
    return edge;
  }

  #changes(size: number, leaves: readonly Leaf[], changed: ReturnType<Edge['grown']>['changed'], checkpoint: Kinds['checkpoint']): Change[] {
    const places = leaves.flatMap(({ chain, number }, index): Change[] => {
      const id = recordId(chain, number);
      return [{ do: 'add', kind: 'sealed', id, body: { chain, number, place: size + index } }, { do: 'remove', kind: 'pending', id }];
    });
    const tiles = [...changed].map(([id, hashes]): Change => ({ do: 'put', kind: 'tile', id, body: { hashes: packed(hashes) } }));
    return [...places, ...tiles, { do: 'put', kind: 'checkpoint', id: 'latest', body: checkpoint }];
  }

  /** The records that wait, each after the one before it in its chain, and what of a chain came before without having a place. */
  async #inOrder(items: readonly Stored<'pending'>[]): Promise<Leaf[]> {
    const chains = Map.groupBy(items.map(({ body }): Leaf => ({ ...body, hash: Buffer.from(body.leaf, 'base64') })), ({ chain }) => chain);
    const leaves: Leaf[] = [];
    for (const [chain, waiting] of chains) {
      if (leaves.length >= MOST) break;
      const ordered = waiting.toSorted((a, b) => a.number - b.number);
      const first = await this.#firstWithoutPlace(chain, (ordered[0] as Leaf).number);
      leaves.push(...(first === (ordered.at(-1) as Leaf).number - ordered.length + 1 ? ordered : await this.#recordsFrom(chain, first)));
    }
    return leaves.slice(0, MOST);
  }

  async #firstWithoutPlace(chain: string, number: number): Promise<number> {
    let first = number;
    while (first > 1 && this.#last.get(chain) !== first - 1 && (await this.#world.store.get('sealed', recordId(chain, first - 1))) === undefined) first -= 1;
    return first;
  }

  /** Records that were made before there was a log, or whose clock was behind that of the one before. */
  async #recordsFrom(chain: string, first: number): Promise<Leaf[]> {
    const { items } = await this.#world.store.find({ kind: 'record', index: 'byChain', where: [chain], from: first, order: 'up', limit: MOST });
    return items.map(({ body }) => ({ chain, number: body.number, at: body.at, hash: leafOf(body) }));
  }

  #remember(leaves: readonly Leaf[]): void {
    const now = this.#world.clock.now();
    for (const { chain, number, at } of leaves) {
      this.#last.delete(chain);
      this.#last.set(chain, number);
      this.#world.sealed(Math.max(0, now - at));
    }
    for (const chain of this.#last.keys()) {
      if (this.#last.size <= REMEMBERED) break;
      this.#last.delete(chain);
    }
  }
}
