import { language } from './language.ts';

/** Markdown as it is read aloud: words without their marks; code, tables of dashes and addresses are named or left out. */
export function speakable(markdown: string): string {
  return markdown
    .replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[^\n]*$|$(?![\s\S]))/gm, ' ')
    .replace(/^\s*\|?[\s:|-]*-{3,}[\s:|-]*$/gm, ' ')
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replace(/<?https?:\/\/\S+/g, ' ')
    .replace(/^ {0,3}(?:#{1,6}|>|[-+*]|\d+[.)])\s+/gm, '')
    .replace(/[*_~`|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** How much of `text`, from `from` on, is whole sentences and lines: the position behind the last one. */
export function endOfSentences(text: string, from: number): number {
  const segments = new Intl.Segmenter(language(), { granularity: 'sentence' }).segment(text.slice(from));
  let end = from;
  for (const { segment, index } of segments) if (/[.!?…。！？؟]["'”’)*_]*\s+$|\n\s*$/.test(segment)) end = from + index + segment.length;
  return end;
}
