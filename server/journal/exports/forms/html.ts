import { createHash } from 'node:crypto';
import type { FilePart } from '../../../../contracts/conversation.ts';
import { isImageType } from '../../../../contracts/images.ts';
import type { Said, Told } from '../told.ts';

const STYLE = `
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 0; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1.5rem; }
dt, time, .small { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
article { border-block-start: 1px solid #bbb; padding: .75rem 0; }
article.note { background: #f4f4f4; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: .35rem 0 0; orphans: 3; widows: 3; }
.small { font-size: .85rem; font-weight: normal; }
figure { margin: .75rem 0; break-inside: avoid; }
img { max-width: 100%; max-height: 20cm; }
@page { margin: 2cm; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
`;

/** Nothing runs in it and nothing is fetched: pictures stand in the page, and it has the one style above. */
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** A conversation as one page that can be printed, in the order of its records with every branch. */
export async function* htmlPage(told: Told): AsyncGenerator<string> {
  const title = told.title || 'Conversation without a title';
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}"><meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>\n`;
  yield `<h1 dir="auto">${escaped(title)}</h1>\n<dl><dt>Conversation</dt><dd>${escaped(told.id)}</dd><dt>Of</dt><dd dir="auto">${escaped(told.owner.name)} (${escaped(told.owner.id)})</dd>${told.site === null ? '' : `<dt>Site</dt><dd>${escaped(told.site)}</dd>`}<dt>Case</dt><dd>${escaped(told.case)}</dd><dt>Times</dt><dd>UTC</dd></dl>\n`;
  for await (const said of told.said()) {
    yield openingOf(said);
    for (const file of said.files) yield* pictureOf(told, file);
    yield '</article>\n';
  }
  yield '</body></html>\n';
}

function openingOf({ number, kind, id, at, by, text, reasoning, parent, outcome }: Said): string {
  const time = new Date(at).toISOString();
  const follows = parent === null ? '' : `, follows ${escaped(parent)}`;
  const ended = outcome === '' || outcome === 'completed' ? '' : ` · ${escaped(outcome)}`;
  const thought = reasoning === '' ? '' : `<p class="small">Reasoning</p><pre class="small" dir="auto">${escaped(reasoning)}</pre>`;
  return `<article class="${kind}"><h2><span dir="auto">${escaped(by.name)}</span>${kind === 'note' ? ' (note)' : ''} <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time>${ended}</h2>${thought}<pre dir="auto">${escaped(text)}</pre><p class="small">Record ${number}, ${escaped(id)}${follows}</p>`;
}

async function* pictureOf(told: Told, file: FilePart): AsyncGenerator<string> {
  const bytes = await told.bytesOf(file.fileId);
  if (bytes === undefined || !isImageType(file.mediaType)) return yield `<p class="small" dir="auto">File: ${escaped(file.name)} (${escaped(file.mediaType)}, ${file.size} bytes)</p>`;
  yield `<figure><img alt="${escaped(file.name)}" src="data:${file.mediaType};base64,`;
  for (const slice of bytes) yield Buffer.from(slice).toString('base64');
  yield `"><figcaption class="small" dir="auto">${escaped(file.name)}</figcaption></figure>`;
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (sign) => SIGNS[sign] ?? sign);
}
