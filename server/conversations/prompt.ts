import type { Message, Part } from '../../contracts/conversation.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Prompt, PromptMessage, PromptPart } from '../providers/provider.ts';

/** Bytes of a file of this conversation; `undefined` when it is gone. */
export type ReadFile = (fileId: string) => Promise<Uint8Array | undefined>;

const CONTINUE = 'Continue exactly where your last message was cut off. Do not repeat any of it and do not comment on the interruption.';
const TITLE = 'Give this conversation a title of at most six words, in its own language. Answer with the title alone: no quotation marks, no full stop.';
/** What a title is made from. */
const TITLE_CHARACTERS = 4_000;

/** The thread that leads to a reply, oldest first: along parents, so another branch is never sent. */
export async function promptFor(view: ConversationView, reply: Message, modelName: string, sees: boolean, readFile: ReadFile): Promise<Prompt> {
  const byId = new Map(view.messages.map((message) => [message.id, message]));
  const thread: Message[] = [];
  for (let at = reply.parent; at !== null; ) {
    const message = byId.get(at);
    if (message === undefined) break;
    thread.unshift(message);
    at = message.parent;
  }
  const messages = await Promise.all(thread.map((message) => promptMessage(message, sees, readFile)));
  if (reply.continues === true) messages.push({ author: 'person', parts: [{ type: 'text', text: CONTINUE }] });
  return { purpose: 'reply', model: modelName, messages: messages.filter((message) => message.parts.length > 0), parameters: view.conversation.parameters };
}

/** Asks for a title of the first exchange. */
export function titlePrompt(question: string, answer: string, modelName: string): Prompt {
  const exchange = `${question.slice(0, TITLE_CHARACTERS)}\n\n---\n\n${answer.slice(0, TITLE_CHARACTERS)}`;
  return { purpose: 'title', model: modelName, messages: [{ author: 'person', parts: [{ type: 'text', text: exchange }] }], parameters: { instructions: TITLE } };
}

async function promptMessage(message: Message, sees: boolean, readFile: ReadFile): Promise<PromptMessage> {
  const parts = await Promise.all(message.parts.map((part) => promptPart(part, sees, readFile)));
  return { author: message.author, parts: parts.filter((part) => part !== undefined) };
}

async function promptPart(part: Part, sees: boolean, readFile: ReadFile): Promise<PromptPart | undefined> {
  if (part.type === 'text') return part;
  if (part.type === 'reasoning') return undefined; // a provider's own thoughts are not sent back as text
  const bytes = sees ? await readFile(part.fileId) : undefined;
  return bytes === undefined ? { type: 'text', text: `[image: ${part.name}]` } : { type: 'image', mediaType: part.mediaType, bytes };
}
