import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Source } from '../pieces.ts';
import type { Speaker } from '../told.ts';

/** A message of RFC 5322. `headers` are added to its own. */
export interface Mail {
  /** The same for the same content: where its parts end is named after it. */
  readonly id: string;
  readonly from: Speaker;
  readonly to: readonly Speaker[];
  readonly at: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: Source;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly bytes: Source }[];
}

/** Names that go into the headers: whoever reads the message finds the others in its text. */
const MOST_NAMED = 50;

/** The message as it is written to a file, in pieces; what it is made of is read as it goes. */
export async function* mailOf(mail: Mail): AsyncGenerator<Uint8Array> {
  const { id, from, to, at, subject, headers, text, attachments } = mail;
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer'); // nobody else needs it
  const composer = new MailComposer({
    from: addressOf(from), to: to.slice(0, MOST_NAMED).map(addressOf), date: new Date(at), subject: oneLine(subject), messageId: `<${id}@gorunchat.invalid>`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, oneLine(value)])),
    text: Readable.from(text), textEncoding: 'base64',
    attachments: attachments.map(({ name, mediaType, bytes }) => ({ filename: name, contentType: mediaType, content: Readable.from(bytes), contentTransferEncoding: 'base64' })),
    baseBoundary: createHash('sha256').update(id).digest('hex').slice(0, 32),
    disableFileAccess: true, disableUrlAccess: true,
  });
  for await (const chunk of composer.compile().createReadStream()) yield chunk as Uint8Array;
}

function addressOf({ name, address }: Speaker): { name: string; address: string } {
  return { name: oneLine(name), address };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}
