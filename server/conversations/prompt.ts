import type { Message, Part } from '../../contracts/conversation.ts';
import type { Parameters } from '../../contracts/models.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Prompt, PromptMessage, PromptPart } from '../providers/provider.ts';

/** Bytes of a file of this conversation; `undefined` when it is gone. */
export type ReadFile = (fileId: string) => Promise<Uint8Array | undefined>;

const CONTINUE = 'Continue exactly where your last message was cut off. Do not repeat any of it and do not comment on the interruption.';
const TITLE = 'Give this conversation a title of at most six words, in its own language. Answer with the title alone: no quotation marks, no full stop.';
/** What a title is made from. */
const TITLE_CHARACTERS = 4_000;
/** All images of one prompt, before they are written as text: providers take no more at once, and a long thread would hold gigabytes. */
const IMAGE_BYTES = 20_000_000;

/** How a thread is sent. */
export interface Sending {
  /** The provider's own name of the model. */
  readonly model: string;
  readonly hasVision: boolean;
  readonly parameters: Parameters;
  readonly readFile: ReadFile;
}

/**
 * The thread that leads to a reply, oldest first: along parents, so another branch is never sent. Of its images the latest are sent, 20 MB of them; an older one is only named,
 * as is every image to a model that does not see.
 */
export async function promptFor(view: ConversationView, reply: Message, { model, hasVision, parameters, readFile }: Sending): Promise<Prompt> {
  const thread = threadTo(view, reply);
  const shown = hasVision ? latestImages(thread) : new Set<Part>();
  const messages = await Promise.all(thread.map((message) => promptMessage(message, shown, readFile)));
  if (reply.continues === true) messages.push({ author: 'person', parts: [{ type: 'text', text: CONTINUE }] });
  return { purpose: 'reply', model, messages: messages.filter((message) => message.parts.length > 0), parameters };
}

/** What a reply answers, also where it goes on from one that was cut off. */
export function questionOf(view: ConversationView, reply: Message): Message | undefined {
  return threadTo(view, reply).findLast(({ author }) => author === 'person');
}

function threadTo(view: ConversationView, reply: Message): Message[] {
  const byId = new Map(view.messages.map((message) => [message.id, message]));
  const thread: Message[] = [];
  for (let at = reply.parent; at !== null; ) {
    const message = byId.get(at);
    if (message === undefined) break;
    thread.unshift(message);
    at = message.parent;
  }
  return thread;
}

function latestImages(thread: readonly Message[]): Set<Part> {
  const images = new Set<Part>();
  let left = IMAGE_BYTES;
  for (const part of thread.toReversed().flatMap((message) => message.parts)) {
    if (part.type !== 'file') continue;
    left -= part.size;
    if (left < 0) break;
    images.add(part);
  }
  return images;
}

/** Asks for a title of the first exchange. */
export function titlePrompt(question: string, answer: string, modelName: string): Prompt {
  const exchange = `${question.slice(0, TITLE_CHARACTERS)}\n\n---\n\n${answer.slice(0, TITLE_CHARACTERS)}`;
  return { purpose: 'title', model: modelName, messages: [{ author: 'person', parts: [{ type: 'text', text: exchange }] }], parameters: { instructions: TITLE } };
}

async function promptMessage(message: Message, shown: ReadonlySet<Part>, readFile: ReadFile): Promise<PromptMessage> {
  const parts = await Promise.all(message.parts.map((part) => promptPart(part, shown.has(part), readFile)));
  const context = Object.entries(message.context ?? {}).map(([name, value]) => `${name}: ${value}`.replaceAll(/[\r\n[\]]+/gu, ' '));
  const told: PromptPart[] = context.length === 0 ? [] : [{ type: 'text', text: `[What the page around the chat tells, unchecked:\n${context.join('\n')}]` }];
  return { author: message.author, parts: [...told, ...parts.filter((part) => part !== undefined)] };
}

async function promptPart(part: Part, isShown: boolean, readFile: ReadFile): Promise<PromptPart | undefined> {
  if (part.type === 'text') return part;
  if (part.type === 'reasoning') return undefined; // a provider's own thoughts are not sent back as text
  const bytes = isShown ? await readFile(part.fileId) : undefined;
  return bytes === undefined ? { type: 'text', text: `[image: ${part.name}]` } : { type: 'image', mediaType: part.mediaType, bytes };
}
