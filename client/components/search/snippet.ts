export interface SnippetPart {
  readonly text: string;
  readonly isHit: boolean;
}

const BEGIN = String.fromCodePoint(2);
const END = String.fromCodePoint(3);

/** A snippet of the server in pieces: found words stand between U+0002 and U+0003. A mark that is not closed reaches to the end. */
export function snippetParts(snippet: string): readonly SnippetPart[] {
  return snippet.split(BEGIN).flatMap((piece, index) => {
    const [hit = '', ...rest] = index === 0 ? ['', piece] : piece.split(END);
    const after = rest.join('').replaceAll(END, '');
    return [{ text: hit, isHit: true }, { text: after, isHit: false }].filter((part) => part.text !== '');
  });
}
