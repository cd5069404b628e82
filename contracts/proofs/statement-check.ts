import type { Subject } from '../cases.ts';
import { hexOf } from './bytes.ts';
import { checkpointIn, type Checkpoint } from './note.ts';
import type { Hash, Primitives } from './primitives.ts';
import { isSignedFor, parseLine } from './signed-lines.ts';
import type { Counted, Planned, StatementHead } from './statement.ts';
import type { Find } from './verdict.ts';

type Line = Partial<StatementHead & Planned & Counted> & { readonly end?: string };

/** A conversation that the statement says is in the package. */
export type Included = Pick<Planned, 'conversation' | 'records' | 'last'>;

/**
 * Reads a statement of completeness line by line: it is whole when its last line is signed over all others, each person or site has as many conversations and records as are counted, and what was ordered
 * is what is counted.
 */
export class StatementCheck {
  readonly included = new Map<string, Included>();
  readonly counted: Counted[] = [];
  readonly #primitives: Primitives;
  readonly #find: Find;
  readonly #keys: readonly string[];
  readonly #hash: Hash;
  #checkpoint: Checkpoint | undefined;
  #head: StatementHead | undefined;
  #lines = 0;
  #isEnded = false;
  #sum = { conversations: 0, included: 0, records: 0 };
  /** Named since somebody was counted last. */
  #since = new Map<string, Pick<Planned, 'owner' | 'site'>>();

  constructor(primitives: Primitives, keys: readonly string[], find: Find) {
    this.#primitives = primitives;
    this.#hash = primitives.sha256();
    this.#keys = keys;
    this.#find = find;
  }

  /** The checkpoint under which everything in the package is. */
  get note(): string | undefined {
    return this.#head?.checkpoint.note;
  }

  /** The same, once it was found to be signed. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  line(text: string): void {
    const line = parseLine<Line>(text);
    if (this.#isEnded || line === undefined) return this.#find('unreadable', `line ${this.#lines + 1} of the statement cannot be read`);
    if (line.end !== undefined) return this.#end(line.end);
    this.#hash.update(`${text}\n`);
    this.#lines += 1;
    if (this.#lines === 1) return this.#begin(line);
    if (line.conversation !== undefined) return this.#conversation(line as Planned);
    if (line.subject !== undefined) return this.#count(line as Counted);
    this.#find('altered', `line ${this.#lines} is nothing that stands in a statement`);
  }

  /** Once all lines were read. */
  check(): void {
    const scope = this.#head?.scope;
    if (!this.#isEnded) this.#find('truncated', 'the statement was cut off: its last line is missing');
    for (const id of this.#since.keys()) this.#find('altered', `the statement names conversation ${id} and counts it with nobody`);
    if (scope === undefined) return;
    if (scope.type === 'chosen') {
      for (const id of scope.conversations) if (!this.included.has(id)) this.#find('missing', `conversation ${id} was chosen and is not in the package`);
      return;
    }
    const told = this.counted.map(({ subject }) => nameOf(subject));
    if (Array.isArray(scope.of) ? scope.of.map(nameOf).join() !== told.join() : told.length === 0) this.#find('missing', 'the statement does not count everybody who was asked for');
    if (!Array.isArray(scope.of) && new Set(told).size < told.length) this.#find('altered', 'the statement counts somebody twice');
    if (this.counted.some(({ from, to, conversations, included }) => from !== scope.from || to !== scope.to || conversations !== included)) this.#find('missing', 'the statement leaves out what was asked for');
  }

  #begin(line: Line): void {
    if (line.statement !== 'gorunchat' || line.checkpoint === undefined || line.scope === undefined) return this.#find('unreadable', 'this is no statement of GoRunChat');
    this.#head = line as StatementHead;
    try {
      this.#checkpoint = checkpointIn(this.#primitives, line.checkpoint.note, this.#keys);
    } catch (error) {
      this.#find('unreadable', `the checkpoint of the statement does not hold: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #conversation(planned: Planned): void {
    this.#sum.conversations += 1;
    this.#sum.records += planned.records;
    const { conversation, owner, site } = planned;
    if (this.#since.has(conversation) || (this.#isOfEverybody && this.included.has(conversation))) this.#find('altered', `the statement counts conversation ${conversation} twice`);
    this.#since.set(conversation, { owner, site });
    if (!planned.isIncluded) return;
    this.#sum.included += 1;
    this.included.set(conversation, planned);
  }

  #count(counted: Counted): void {
    const { conversations, included, records } = this.#sum;
    const of = nameOf(counted.subject);
    if (conversations !== counted.conversations || included !== counted.included || records !== counted.records) this.#find('altered', `the statement counts other conversations of ${of} than it names`);
    for (const [id, whose] of this.#since) if (!this.#isOf(whose, counted.subject)) this.#find('altered', `the statement counts conversation ${id} as one of ${of}, and it is not`);
    this.counted.push(counted);
    this.#since.clear();
    this.#sum = { conversations: 0, included: 0, records: 0 };
  }

  get #isOfEverybody(): boolean {
    const scope = this.#head?.scope;
    return scope?.type === 'whole' && !Array.isArray(scope.of);
  }

  /** Where everybody is counted a visitor's counts with the site alone. */
  #isOf({ owner, site }: Pick<Planned, 'owner' | 'site'>, { type, id }: Subject): boolean {
    return type === 'site' ? site === id : owner === id && !(this.#isOfEverybody && site !== null);
  }

  #end(note: string): void {
    this.#isEnded = true;
    try {
      const own = { name: 'gorunchat-statement', lines: this.#lines, hash: hexOf(this.#hash.digest()) };
      if (!isSignedFor(this.#primitives, own, note, this.#keys)) this.#find('altered', 'the lines of the statement are not those that were signed');
    } catch (error) {
      this.#find('unreadable', `the last line of the statement does not hold: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function nameOf({ type, id }: Subject): string {
  return `${type} ${id}`;
}
