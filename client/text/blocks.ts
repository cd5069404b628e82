import { Lexer, Marked, type MarkedOptions, type Token, type Tokens } from 'marked';
import remend from 'remend';
import { formulaRules } from './math.ts';

/** One block of a text: a paragraph, a list, a table. The same object as before means that nothing in it has changed. */
export interface Block {
  readonly token: Token;
  readonly raw: string;
  /** The last block of a text that is still being written. */
  readonly isGrowing: boolean;
}

const options: MarkedOptions = new Marked({ gfm: true, extensions: formulaRules }).defaults;

/** Blocks whose meaning later text can still change: a line of dashes makes a heading of the paragraph above, an item goes on after an empty line. */
const OPEN_BLOCKS = 2;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;
const MENDED = new Set(['paragraph', 'heading', 'list', 'blockquote', 'table']);

/**
 * Reads a growing text block by block. What is settled is never read again, so that a step costs what the tail costs,
 * not what the whole text costs; and it keeps its identity, so that it is never drawn again.
 */
export class BlockReader {
  private text = '';
  private settled: Block[] = [];
  private settledEnd = 0;
  private shown: readonly Block[] = [];
  private links: Record<string, { href: string; title: string }> = {};

  /** The blocks of `text`. A text that does not go on from the one before is read from its beginning. */
  read(text: string, isGrowing: boolean): readonly Block[] {
    const source = text.replace(/\r\n?/g, '\n');
    /* A definition at the end may be meant for a link far above, which was settled as plain text. */
    if (!source.startsWith(this.text) || (!isGrowing && DEFINITION.test(source))) this.forget();
    this.text = source;
    const tokens = this.lex(source.slice(this.settledEnd));
    this.settle(source, tokens);
    const tail = tokens.map((token): Block => ({ token, raw: token.raw, isGrowing: false }));
    if (isGrowing) growLast(tail, (raw) => this.lex(raw));
    const blocks = [...this.settled, ...tail];
    this.shown = blocks.map((block, index) => sameAs(this.shown[index], block) ?? block);
    return this.shown;
  }

  private forget(): void {
    this.settled = [];
    this.settledEnd = 0;
    this.shown = [];
    this.links = {};
  }

  private lex(source: string): Token[] {
    const lexer = new Lexer(options);
    Object.assign(lexer.tokens.links, this.links);
    return [...lexer.lex(source)];
  }

  /** Takes the tokens that no later text can change off the front. */
  private settle(source: string, tokens: Token[]): void {
    let open = 0;
    let from = tokens.length;
    while (from > 0 && open < OPEN_BLOCKS) if (tokens[--from]?.type !== 'space') open++;
    let end = this.settledEnd;
    for (const token of tokens.slice(0, from)) {
      if (!source.startsWith(token.raw, end)) return;
      end += token.raw.length;
    }
    for (const token of tokens.slice(0, from)) if (token.type === 'def') this.links[(token as Tokens.Def).tag] ??= token as Tokens.Def;
    const taken = tokens.splice(0, from).map((token): Block => ({ token, raw: token.raw, isGrowing: false }));
    this.settled.push(...taken.map((block, index) => sameAs(this.shown[this.settled.length + index], block) ?? block));
    this.settledEnd = end;
  }
}

function sameAs(before: Block | undefined, block: Block): Block | undefined {
  return before !== undefined && before.raw === block.raw && before.isGrowing === block.isGrowing && before.token.type === block.token.type ? before : undefined;
}

/** Marks the last block as growing, with what is half written in it closed: `**bold` is drawn bold while its end is on the way. */
function growLast(blocks: Block[], lex: (raw: string) => Token[]): void {
  const last = blocks.findLastIndex((block) => block.token.type !== 'space');
  const block = blocks[last];
  if (block === undefined) return;
  const whole = block.token.type === 'paragraph' ? asTable(block.raw) : block.raw;
  const mended = MENDED.has(block.token.type) ? remend(whole, { linkMode: 'text-only', katex: false }) : block.raw;
  const drawn = mended === block.raw ? [] : lex(mended).filter((token) => token.type !== 'space');
  const token = drawn.length === 1 && drawn[0] ? drawn[0] : block.token;
  blocks[last] = { token, raw: block.raw, isGrowing: true };
}

/** The first row of a table, with perhaps a part of the line under it: until that line is whole, markdown reads it as text with bars. */
const TABLE_BEGINS = /^(\| [^\n]*?)\|?[ \t]*(?:\n[|:\- \t]*)?$/;

/** A table from its first row on, so that it does not stand there as bars and turn into a table in front of the reader. */
function asTable(raw: string): string {
  const row = TABLE_BEGINS.exec(raw)?.[1];
  if (row === undefined) return raw;
  const columns = row.slice(1).split(/(?<!\\)\|/).length;
  return `${row}|\n${'|---'.repeat(columns)}|`;
}
