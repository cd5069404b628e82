import { expect, it } from 'vitest';
import { FILE_BYTES, type Message, type Part } from '../../contracts/conversation.ts';
import type { FileId, MessageId } from '../../contracts/ids.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { promptFor } from './prompt.ts';

function image(name: string): Part {
  return { type: 'file', fileId: name as FileId, name, mediaType: 'image/png', size: FILE_BYTES };
}

/** A thread of messages that each bring two images of the largest size. */
function threadOf(length: number): { view: ConversationView; reply: Message } {
  const id = (place: number): MessageId => `m${place}` as MessageId;
  const message = (place: number, parts: Part[]): Message => ({ id: id(place), parent: place === 0 ? null : id(place - 1), author: 'person', at: place, parts });
  const messages = Array.from({ length }, (_, place) => message(place, [image(`${place}a`), image(`${place}b`), { type: 'text', text: String(place) }]));
  return { view: { messages } as unknown as ConversationView, reply: message(length, []) };
}

it('of the images of a long thread the latest are sent, 20 MB of them, and the others are only named and not read', async () => {
  const { view, reply } = threadOf(50);
  const read: string[] = [];
  const readFile = (id: string) => (read.push(id), Promise.resolve(new Uint8Array(1)));
  const prompt = await promptFor(view, reply, { model: 'm', hasVision: true, parameters: {}, readFile });
  expect(read.toSorted()).toEqual(['48a', '48b', '49a', '49b']);
  expect(prompt.messages[47]?.parts).toEqual(['[image: 47a]', '[image: 47b]', '47'].map((text) => ({ type: 'text', text })));
  expect(prompt.messages[49]?.parts.map((part) => part.type)).toEqual(['image', 'image', 'text']);
});

it('a model that does not see is told the names, and no image is read', async () => {
  const { view, reply } = threadOf(1);
  const prompt = await promptFor(view, reply, { model: 'm', hasVision: false, parameters: {}, readFile: () => Promise.reject(new Error('read')) });
  expect(prompt.messages[0]?.parts[0]).toEqual({ type: 'text', text: '[image: 0a]' });
});
