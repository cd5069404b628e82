/** What the fake provider is to say. The question carries it as JSON. */
export interface Script {
  readonly tokens: number;
  /** Milliseconds from the request to the first token. */
  readonly firstMs: number;
  /** Milliseconds between tokens; at 0 all that are left come at once. */
  readonly everyMs: number;
  /** Characters of each token. */
  readonly size: number;
  /** The reply does not end: the connection stays open after the last token. */
  readonly staysOpen: boolean;
  /** Under which the provider remembers when it was asked. */
  readonly name?: string;
}

const TITLE: Script = { tokens: 5, firstMs: 1, everyMs: 0, size: 6, staysOpen: false };

export function questionFor(script: Script): string {
  return JSON.stringify(script);
}

/** The script a question asks for; anything else (the request for a title) gets a few words. */
export function scriptOf(question: string): Script {
  try {
    return JSON.parse(question) as Script;
  } catch {
    return TITLE;
  }
}

/** The n-th token: its number, so that a wrong order shows, padded to the size. */
export function tokenAt({ size }: Script, number: number): string {
  return ` ${number}`.padEnd(size, 'x');
}

/** Everything that a reply to this script says. */
export function textOf(script: Script): string {
  return Array.from({ length: script.tokens }, (_, number) => tokenAt(script, number)).join('');
}
