import { checkCommit } from '../../../server/store/commit-rules.ts';
import type { Head, Kind, Kinds } from '../../../server/store/kinds.ts';
import { KINDS } from '../../../server/store/kinds.ts';
import { readPlace, writePlace, type Place } from '../../../server/store/cursor.ts';
import { fieldsOf } from '../../../server/store/query-rules.ts';
import { CommitRefused } from '../../../server/store/refused.ts';
import { UNFENCED, type Change, type Fence, type IndexQuery, type Page, type Stored, type Unfenced } from '../../../server/store/store.ts';

/** Mechanisms that can be taken out, to see that this is found. */
export const MECHANISMS = ['fence', 'dedupe', 'position', 'checkpoints'] as const;
export type Without = (typeof MECHANISMS)[number] | undefined;

type Documents = Map<string, { version: number; body: unknown }>;

/** What the store's server holds, with the rules of the port, and a count of what it should never have taken. */
export class StoredData {
  readonly #documents = new Map<Kind, Documents>();
  /** When each turn was begun and ended, in the order they were begun. */
  readonly turns = new Map<string, { readonly begunAt: number; endedAt: number }>();
  readonly #without: Without;
  readonly #now: () => number;
  /** Commits whose owner had been replaced. */
  staleWrites = 0;

  constructor(without: Without, now: () => number) {
    this.#without = without;
    this.#now = now;
  }

  all<K extends Kind>(kind: K): Stored<K>[] {
    return [...this.#of(kind)].map(([id, { version, body }]) => ({ id, version, body: body as Kinds[K] }));
  }

  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined {
    const found = this.#of(kind).get(id);
    return found === undefined ? undefined : { id, version: found.version, body: found.body as Kinds[K] };
  }

  find<K extends Kind>(query: IndexQuery<K>): Page<Stored<K>> {
    const fields = fieldsOf(query, KINDS);
    const last = fields.at(-1) as string;
    const valueOf = ({ body }: Stored<K>): Place[0] => (body as Record<string, unknown>)[last] as Place[0];
    const sign = query.order === 'down' ? -1 : 1;
    const from = query.after === undefined ? undefined : readPlace(query.after);
    const found = this.all(query.kind)
      .filter((one) => query.where.every((value, index) => (one.body as Record<string, unknown>)[fields[index] as string] === value))
      .filter((one) => (query.from === undefined || compare(valueOf(one), query.from) >= 0) && (query.to === undefined || (valueOf(one) !== null && compare(valueOf(one), query.to) <= 0)))
      .toSorted((a, b) => sign * compare(valueOf(a), valueOf(b)) || sign * compare(a.id, b.id))
      .filter((one) => from === undefined || sign * (compare(valueOf(one), from[0]) || compare(one.id, from[1])) > 0);
    const items = found.slice(0, query.limit);
    const end = items.at(-1);
    return { items, cursor: found.length > items.length && end !== undefined ? writePlace([valueOf(end), end.id]) : null };
  }

  commit(given: readonly Change[], fence: Fence | Unfenced): void {
    checkCommit(given, fence);
    const left = this.#without === 'dedupe' ? 'command' : this.#without === 'checkpoints' ? 'draft' : undefined;
    const changes = given.filter(({ kind }) => kind !== left);
    if (fence !== UNFENCED) this.#checkHead(fence);
    for (const change of changes) this.#check(change);
    if (fence !== UNFENCED) this.#of('head').set(fence.chain, { version: 1, body: this.#moved(fence) });
    for (const change of changes) this.#apply(change);
  }

  #head(chain: string): Head | null {
    return (this.#of('head').get(chain)?.body as Head | undefined) ?? null;
  }

  #checkHead({ chain, from }: Fence): void {
    const head = this.#head(chain);
    if (head?.epoch === from?.epoch && head?.seq === from?.seq && head?.number === from?.number) return;
    if (this.#without !== 'fence') throw new CommitRefused('stale', { detail: 'the head has moved' });
    if ((head?.epoch ?? 0) > (from?.epoch ?? 0)) this.staleWrites += 1;
  }

  /** Never back, also when whoever comes from behind is let through. */
  #moved({ chain, to }: Fence): Head {
    const head = this.#without === 'fence' ? this.#head(chain) : null;
    return { ...to, epoch: Math.max(to.epoch, head?.epoch ?? 0), seq: Math.max(to.seq, head?.seq ?? 0), number: Math.max(to.number, head?.number ?? 0) };
  }

  #check(change: Change): void {
    if (change.do === 'words') return;
    const there = this.#of(change.kind).get(change.id);
    const isTaken = change.do === 'add' ? there !== undefined && !(this.#without === 'fence' && change.kind === 'record') : change.version !== undefined && change.version !== (there?.version ?? 0);
    if (isTaken) throw new CommitRefused('conflict', { detail: `${change.kind} ${change.id}` });
  }

  #apply(change: Change): void {
    if (change.do === 'words') return;
    const documents = this.#of(change.kind);
    if (change.kind === 'turn') this.#noteTurn(change);
    if (change.do === 'remove') documents.delete(change.id);
    else documents.set(change.id, { version: (documents.get(change.id)?.version ?? 0) + 1, body: change.body });
  }

  #noteTurn({ id, ...change }: Extract<Change, { readonly kind: 'turn' }>): void {
    const known = this.turns.get(id);
    if (known === undefined) this.turns.set(id, { begunAt: this.#now(), endedAt: Infinity });
    else if (change.do !== 'remove' && change.body.state === 'concluded') known.endedAt = Math.min(known.endedAt, this.#now());
  }

  #of(kind: Kind): Documents {
    const found = this.#documents.get(kind) ?? new Map();
    this.#documents.set(kind, found);
    return found;
  }
}

/** As every adapter orders: nothing before numbers before texts. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
