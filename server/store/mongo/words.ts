import type { AnyBulkWriteOperation, ClientSession, Collection, Db, Document, Filter } from 'mongodb';
import { KINDS } from '../kinds.ts';
import type { Kind, TextKind } from '../kinds.ts';
import type { DocumentName, TextHit, TextQuery } from '../store.ts';
import type { KeptDocument } from './documents.ts';
import type { WordsChange } from './plan.ts';
import { snippetOf, tokensOf, wantedIn, withoutMarks } from './tokens.ts';

/** The plain words lie here and nowhere else, so that a content backup can leave them out. */
export const WORDS = 'words';
/** Characters of a text that can be found; one entry stays far below what MongoDB takes. */
const MOST_CHARACTERS = 1_000_000;
const COMPARED_AT_ONCE = 1_000;
/** Says that no document lacks its entry. It goes where the entries go, so it is gone when they are. */
const WHOLE = 'whole';

interface Entry {
  readonly _id: string;
  readonly kind: Kind;
  readonly id: string;
  readonly owner: string;
  readonly words: string;
  readonly tokens: readonly string[];
  readonly length: number;
  readonly stamp: string;
}

const TEXT_KINDS = (Object.keys(KINDS) as Kind[]).filter((kind): kind is TextKind => KINDS[kind].hasText);

const nameOf = (kind: Kind, id: string): string => `${kind}:${id}`;

/** Writes and removes entries in the transaction of their documents. */
export async function writeWords(db: Db, session: ClientSession, changes: readonly WordsChange[], stamp: string): Promise<void> {
  const gone = changes.filter(({ text }) => text === null).map(({ kind, id }) => nameOf(kind, id));
  const writes = changes.flatMap(({ kind, id, text }): AnyBulkWriteOperation<Entry>[] => {
    if (text === null) return [];
    const _id = nameOf(kind, id);
    return [{ replaceOne: { filter: { _id }, replacement: { kind, id, ...textFields(text), stamp }, upsert: true } }];
  });
  if (gone.length > 0) writes.push({ deleteMany: { filter: { _id: { $in: gone } } } });
  await entriesIn(db).bulkWrite(writes, { session });
}

/** Words given again: only for documents that have words and lack their entry. The new stamp is a condition on the document, so nobody removes it or gives it words meanwhile. */
export async function giveAgain(db: Db, session: ClientSession, changes: readonly WordsChange[], stamp: string): Promise<void> {
  for (const change of changes) {
    const documents = db.collection<KeptDocument>(change.kind);
    const [document, entry] = [
      await documents.findOne({ _id: change.id }, { session, projection: { words: 1 } }),
      await entriesIn(db).findOne({ _id: nameOf(change.kind, change.id) }, { session, projection: { stamp: 1 } }),
    ];
    if (document?.words === undefined || entry?.stamp === document.words) continue;
    const { matchedCount } = await documents.updateOne({ _id: change.id, words: document.words }, { $set: { words: stamp } }, { session });
    if (matchedCount === 1) await writeWords(db, session, [change], stamp);
  }
}

/** How a query is asked of the entries, from the `skip`th hit on; `null` when there is no word in it. Shorter texts are more about what they say, so they come first. */
export function planSearch({ kinds, owner, words, limit }: TextQuery, skip: number): { readonly stages: Document[]; readonly read: (entry: Document) => TextHit } | null {
  const wanted = wantedIn(words);
  if (wanted === null || kinds.length === 0) return null;
  const { whole, beginning } = wanted;
  // A word is letters, numbers and marks on them, so nothing in it means anything to a pattern.
  const begins = { tokens: { $regex: `^${beginning}` } };
  const found: Filter<Entry> = { owner: { $eq: owner }, kind: { $in: [...kinds] }, $and: [...whole.map((token) => ({ tokens: { $eq: token } })), begins] };
  return {
    stages: [{ $match: found }, { $sort: { length: 1, _id: 1 } }, { $skip: skip }, { $limit: limit + 1 }, { $project: { kind: 1, id: 1, words: 1 } }],
    read: (entry) => {
      const { kind, id, words: text } = entry as Entry;
      return { kind, id, snippet: snippetOf(text, wanted) };
    },
  };
}

/** Documents that have words and no entry, as after a restore that left the entries out. Costs one read of one document when there can be none. */
export class MissingWords {
  readonly #db: Db;
  /** Up to which id the documents of a kind are known to have their entries. */
  readonly #reached = new Map<Kind, string>();

  constructor(db: Db) {
    this.#db = db;
  }

  async first(limit: number): Promise<readonly DocumentName[]> {
    const entries = entriesIn(this.#db);
    if ((await entries.findOne({ _id: WHOLE })) !== null) return [];
    const missing: DocumentName[] = [];
    for (const kind of TEXT_KINDS) await this.#compare(kind, missing, limit);
    // Whoever writes words writes both, so what is whole stays whole.
    if (missing.length === 0) await this.#db.collection<{ _id: string }>(WORDS).updateOne({ _id: WHOLE }, { $setOnInsert: { kind: null } }, { upsert: true });
    return missing;
  }

  async #compare(kind: TextKind, missing: DocumentName[], limit: number): Promise<void> {
    const documents = this.#db.collection<KeptDocument>(kind);
    let after = this.#reached.get(kind) ?? '';
    while (missing.length < limit) {
      const page = await documents.find({ _id: { $gt: after }, words: { $type: 'string' } }, { projection: { words: 1 } }).sort({ _id: 1 }).limit(COMPARED_AT_ONCE).toArray();
      const last = page.at(-1);
      if (last === undefined) return;
      const entries = await entriesIn(this.#db).find({ _id: { $in: page.map(({ _id }) => nameOf(kind, _id)) } }, { projection: { stamp: 1 } }).toArray();
      const stamps = new Map(entries.map(({ _id, stamp }) => [_id, stamp]));
      for (const { _id, words } of page) if (stamps.get(nameOf(kind, _id)) !== words && missing.length < limit) missing.push({ kind, id: _id });
      after = last._id;
      if (missing.length === 0) this.#reached.set(kind, after);
    }
  }
}

function entriesIn(db: Db): Collection<Entry> {
  return db.collection<Entry>(WORDS);
}

function textFields({ owner, words }: NonNullable<WordsChange['text']>): Pick<Entry, 'owner' | 'words' | 'tokens' | 'length'> {
  const kept = withoutMarks(words.slice(0, MOST_CHARACTERS));
  return { owner, words: kept, tokens: tokensOf(kept), length: kept.length };
}
