import type { Said, Speaker, Told } from '../told.ts';
import { mailOf } from './mail.ts';

/** A conversation as one message: what was said as its text, in the order of the records with every branch, and the files attached. */
export async function* emlOf(told: Told): AsyncGenerator<Uint8Array> {
  const { others, at } = await overviewOf(told);
  const attachments = [];
  for await (const { part } of told.files()) {
    const read = async function* () {
      yield* (await told.bytesOf(part.fileId)) ?? [];
    };
    attachments.push({ name: part.name, mediaType: part.mediaType, bytes: read() });
  }
  yield* mailOf({
    id: told.id, from: told.owner, to: others, at, subject: told.title || 'Conversation without a title', headers: { 'X-GoRunChat-Conversation': told.id, 'X-GoRunChat-Case': told.case },
    text: transcriptOf(told.said()), attachments,
  });
}

async function overviewOf(told: Told): Promise<{ others: Speaker[]; at: number }> {
  const others = new Map<string, Speaker>();
  let at: number | undefined;
  for await (const said of told.said()) {
    at ??= said.at;
    if (said.by.id !== told.owner.id) others.set(said.by.id, said.by);
  }
  return { others: [...others.values()], at: at ?? 0 };
}

/** What was said, as plain text. */
export async function* transcriptOf(all: AsyncIterable<Said>): AsyncGenerator<string> {
  for await (const { at, by, kind, number, text, reasoning, outcome, files } of all) {
    const marks = [kind === 'note' ? 'note' : '', outcome === 'completed' ? '' : outcome].filter((mark) => mark !== '').map((mark) => ` [${mark}]`).join('');
    yield `${new Date(at).toISOString()} ${by.name} <${by.address}> (record ${number})${marks}\n`;
    if (reasoning !== '') yield `[reasoning]\n${reasoning}\n[end of reasoning]\n`;
    yield `${text}\n${files.map((file) => `[file: ${file.name}]\n`).join('')}\n`;
  }
}
