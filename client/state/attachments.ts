import { msg, str } from '@lit/localize';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FilePart } from '../../contracts/conversation.ts';
import { refusalOf } from '../../contracts/failures.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import { isImageType } from '../../contracts/images.ts';
import type { Welcome } from '../../contracts/routes.ts';
import { newId } from '../link/ids.ts';
import type { isThere, upload } from '../link/upload.ts';
import { formatBytes } from '../text/sizes.ts';

/** A file on its way into a message. */
export interface Attachment {
  readonly id: FileId;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly state: 'uploading' | 'ready' | 'refused';
  /** 0 to 1. */
  readonly progress: number;
  readonly part?: FilePart;
  readonly refusal?: Refusal;
  /** Chosen before a reload, or in another tab of this browser. */
  readonly isRestored?: boolean;
}

export interface AttachmentsParts {
  readonly upload: typeof upload;
  readonly isThere: typeof isThere;
  /** Other images are ready for this conversation. */
  readonly onReady: (conversation: ConversationId) => void;
  /** An image that was kept over a reload is not at the server any more. */
  readonly onGone: (name: string) => void;
  /** Another tab of this browser has changed what is kept under this key, or all. */
  readonly onStored: (key: string | null) => void;
}

type FileLimits = Pick<Welcome['limits'], 'fileBytes' | 'filesPerMessage'>;

/** The files that lie in the composer, for each conversation its own. They are sent to the server at once and named in the message later. */
export class AttachmentsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: AttachmentsParts;
  readonly #files = new Map<ConversationId, Attachment[]>();
  readonly #stops = new Map<FileId, AbortController>();

  constructor(host: ReactiveControllerHost, parts: AttachmentsParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('storage', this.#stored);
  }

  hostDisconnected(): void {
    removeEventListener('storage', this.#stored);
  }

  readonly #stored = (event: StorageEvent): void => this.#parts.onStored(event.key);

  of(conversation: ConversationId): readonly Attachment[] {
    return this.#files.get(conversation) ?? [];
  }

  add(conversation: ConversationId, files: readonly File[], limits: FileLimits): void {
    for (const file of files) {
      const attachment: Attachment = { id: newId<FileId>(), name: file.name || 'image', mediaType: file.type, size: file.size, state: 'uploading', progress: 0 };
      const refusal = refusalFor(file, this.of(conversation).length, limits);
      this.#files.set(conversation, [...this.of(conversation), refusal === undefined ? attachment : { ...attachment, state: 'refused', refusal }]);
      if (refusal === undefined) void this.#send(conversation, attachment, file);
    }
    this.#host.requestUpdate();
  }

  /** Puts back what was chosen before a reload. Each that is not at the server any more is taken out again. */
  restore(conversation: ConversationId, parts: readonly FilePart[]): void {
    const known = new Set(this.of(conversation).map(({ id }) => id));
    const missing = parts.filter((part) => !known.has(part.fileId));
    if (missing.length === 0) return;
    const restored = missing.map((part): Attachment => ({ id: part.fileId, name: part.name, mediaType: part.mediaType, size: part.size, state: 'ready', progress: 1, part, isRestored: true }));
    this.#files.set(conversation, [...this.of(conversation), ...restored]);
    for (const part of missing) void this.#check(conversation, part);
    this.#host.requestUpdate();
  }

  /** Takes out again what was put back and is kept no longer. */
  forget(conversation: ConversationId, kept: readonly FilePart[]): void {
    const ids = new Set(kept.map(({ fileId }) => fileId));
    this.#files.set(conversation, this.of(conversation).filter((file) => file.isRestored !== true || ids.has(file.id)));
    this.#host.requestUpdate();
  }

  /** What can be sent. */
  readyOf(conversation: ConversationId): readonly FilePart[] {
    return this.of(conversation).flatMap((file) => file.part ?? []);
  }

  remove(conversation: ConversationId, id: string): void {
    this.#stops.get(id as FileId)?.abort();
    this.#files.set(conversation, this.of(conversation).filter((file) => file.id !== id));
    this.#parts.onReady(conversation);
    this.#host.requestUpdate();
  }

  /** Takes out what is ready, to be named in a message. */
  take(conversation: ConversationId): readonly FilePart[] {
    const parts = this.readyOf(conversation);
    this.#files.delete(conversation);
    this.#parts.onReady(conversation);
    return parts;
  }

  clear(): void {
    for (const stop of this.#stops.values()) stop.abort();
    this.#files.clear();
  }

  async #send(conversation: ConversationId, attachment: Attachment, bytes: Blob): Promise<void> {
    const { id, name } = attachment;
    const stop = new AbortController();
    this.#stops.set(id, stop);
    try {
      const part = await this.#parts.upload({ conversation, file: id, name, bytes, progress: (progress) => this.#change(conversation, id, { progress }), signal: stop.signal });
      this.#change(conversation, id, { state: 'ready', progress: 1, part });
      this.#parts.onReady(conversation);
    } catch (error) {
      this.#change(conversation, id, { state: 'refused', refusal: refusalOf(error) });
    } finally {
      this.#stops.delete(id);
    }
  }

  async #check(conversation: ConversationId, { fileId, name }: FilePart): Promise<void> {
    if ((await this.#parts.isThere(fileId)) || !this.of(conversation).some(({ id }) => id === fileId)) return;
    this.remove(conversation, fileId);
    this.#parts.onGone(name);
  }

  #change(conversation: ConversationId, id: FileId, change: Partial<Attachment>): void {
    this.#files.set(conversation, this.of(conversation).map((file) => (file.id === id ? { ...file, ...change } : file)));
    this.#host.requestUpdate();
  }
}

function refusalFor(file: File, already: number, limits: FileLimits): Refusal | undefined {
  if (!isImageType(file.type)) return { code: 'unreadable-file', text: msg('This kind of file cannot be read') };
  if (file.size > limits.fileBytes) return { code: 'too-large', text: msg(str`Larger than ${formatBytes(limits.fileBytes)}`) };
  return already >= limits.filesPerMessage ? { code: 'too-large', text: msg(str`No more than ${limits.filesPerMessage} in one message`) } : undefined;
}
