import { beforeEach, expect, it } from 'vitest';
import type { FilePart } from '../../contracts/conversation.ts';
import type { ConversationId, FileId, UserId } from '../../contracts/ids.ts';
import { newId } from '../link/ids.ts';
import { AttachmentsController, type AttachmentsParts } from './attachments.ts';
import { DraftFiles } from './draft-files.ts';

const account = newId<UserId>();
const conversation = newId<ConversationId>();
const pictureOf = (name: string): FilePart => ({ type: 'file', fileId: newId<FileId>(), name, mediaType: 'image/png', size: 70, width: 1, height: 1 });

beforeEach(() => localStorage.clear());

function newAttachments(parts: Partial<AttachmentsParts> = {}) {
  const gone: string[] = [];
  const host = { addController: () => undefined, removeController: () => undefined, requestUpdate: () => undefined, updateComplete: Promise.resolve(true) };
  const attachments = new AttachmentsController(host, {
    upload: () => Promise.reject(new Error('nothing is uploaded here')), isThere: () => Promise.resolve(true),
    onReady: () => undefined, onGone: (name) => gone.push(name), onStored: () => undefined, ...parts,
  });
  return { attachments, gone };
}

it('which images lie in a composer is there again after a reload, each in its place, and gone once there are none', () => {
  const [chart, leaf] = [pictureOf('chart.png'), pictureOf('leaf.png')];
  const files = new DraftFiles(localStorage, account);
  files.keep('new', { conversation, files: [chart] });
  files.keep(conversation, { conversation, files: [leaf] });
  const again = new DraftFiles(localStorage, account);
  expect([again.get('new'), again.get(conversation)]).toEqual([{ conversation, files: [chart] }, { conversation, files: [leaf] }]);
  expect(new DraftFiles(localStorage, newId<UserId>()).get('new')).toBeUndefined();
  again.keep('new', { conversation, files: [] });
  expect([again.get('new'), again.places]).toEqual([undefined, [conversation]]);
  again.clear();
  expect(localStorage.length).toBe(0);
});

it.each(['', 'no JSON', 'null', '{}', '{"conversation":"c","files":[{}]}', '{"conversation":7,"files":[]}'])('what somebody else has put there is nothing that was kept: %s', (text) => {
  const files = new DraftFiles(localStorage, account);
  files.keep('new', { conversation, files: [pictureOf('chart.png')] });
  localStorage.setItem(localStorage.key(0) ?? '', text);
  expect(files.get('new')).toBeUndefined();
});

it('an image that is no longer at the server is taken out again, and it is said which', async () => {
  const [chart, leaf] = [pictureOf('chart.png'), pictureOf('leaf.png')];
  const { promise, resolve } = Promise.withResolvers<void>();
  const { attachments, gone } = newAttachments({ isThere: (file) => Promise.resolve(file === chart.fileId), onReady: () => resolve() });
  attachments.restore(conversation, [chart, leaf]);
  attachments.restore(conversation, [chart, leaf]);
  expect(attachments.readyOf(conversation)).toEqual([chart, leaf]);
  await promise;
  expect([attachments.readyOf(conversation), gone]).toEqual([[chart], ['leaf.png']]);
});

it('what another tab has sent or removed is taken out here, unless it was chosen here', () => {
  const [chart, leaf] = [pictureOf('chart.png'), pictureOf('leaf.png')];
  const { attachments } = newAttachments();
  attachments.restore(conversation, [chart, leaf]);
  attachments.add(conversation, [new File(['x'], 'own.txt', { type: 'text/plain' })], { fileBytes: 10, filesPerMessage: 10 });
  attachments.forget(conversation, [leaf]);
  expect(attachments.of(conversation).map(({ name }) => name)).toEqual(['leaf.png', 'own.txt']);
});
