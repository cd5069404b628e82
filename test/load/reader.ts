import { quantileOf } from './figures.ts';
import { nowMs } from './processor.ts';
import { textOf, type Script } from './script.ts';

/** One tab's reading of a reply: holds what it hears to the script, character by character, and knows when each frame came. */
export class Reader {
  /** Which conversation it reads. */
  readonly stream: number;
  characters = 0;
  frames = 0;
  /** Pieces that did not fit the text. */
  wrong = 0;
  #script: Script | undefined;
  #whole = '';
  #isTiming = false;
  /** When each frame came, less what the pace gives its oldest new token. */
  #came: number[] = [];
  readonly #moved: () => void;

  constructor(stream: number, moved: () => void) {
    this.stream = stream;
    this.#moved = moved;
  }

  begin(script: Script): void {
    if (this.#script === undefined || this.#script.tokens !== script.tokens || this.#script.size !== script.size) this.#whole = textOf(script);
    this.#script = script;
    this.characters = 0;
    this.frames = 0;
    this.wrong = 0;
    this.#came = [];
  }

  time(isTiming: boolean): void {
    this.#isTiming = isTiming;
    if (isTiming) this.#came = [];
  }

  /** The piece that follows. */
  hear(text: string): void {
    if (this.#script === undefined) return;
    if (!this.#whole.startsWith(text, this.characters)) this.wrong += 1;
    this.#take(this.characters + text.length);
  }

  /** All of it so far, as a tab is told that could not follow. */
  hearWhole(text: string): void {
    if (this.#script === undefined) return;
    if (!this.#whole.startsWith(text) || text.length < this.characters) this.wrong += 1;
    if (text.length > this.characters) this.#take(text.length);
  }

  #take(characters: number): void {
    const { everyMs, size } = this.#script as Script;
    const isFirst = this.characters === 0;
    if (this.#isTiming) this.#came.push(nowMs() - Math.floor(this.characters / size) * everyMs);
    this.characters = characters;
    this.frames += 1;
    if (isFirst || this.isDone) this.#moved();
  }

  get tokens(): number {
    return Math.floor(this.characters / (this.#script?.size ?? 1));
  }

  get isDone(): boolean {
    return this.#script === undefined || this.characters >= this.#whole.length;
  }

  /** Milliseconds by which the oldest token of each timed frame was later than the provider should have said it, having been asked at `beganMs`. */
  late(beganMs: number): number[] {
    const first = beganMs + (this.#script?.firstMs ?? 0);
    return this.#came.map((came) => came - first);
  }
}

/** Milliseconds behind the pace. */
export interface Late {
  readonly median: number;
  readonly p99: number;
  readonly count: number;
}

/** All readers together; `begins` says when the reply of each stream was asked for. */
export function lateOf(readers: readonly Reader[], begins: ReadonlyMap<number, number>): Late {
  const all = readers.flatMap((reader) => reader.late(begins.get(reader.stream) ?? Number.NaN));
  return { median: quantileOf(all, 0.5), p99: quantileOf(all, 0.99), count: all.length };
}
