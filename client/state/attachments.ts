import { msg, str } from '@lit/localize';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FilePart } from '../../contracts/conversation.ts';
import { refusalOf } from '../../contracts/failures.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import type { Welcome } from '../../contracts/routes.ts';
import { newId } from '../link/ids.ts';
import type { upload } from '../link/upload.ts';
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
}

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** The files that lie in the composer, for each conversation its own. They are sent to the server at once and named in the message later. */
export class AttachmentsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #upload: typeof upload;
  readonly #files = new Map<ConversationId, Attachment[]>();
  readonly #stops = new Map<FileId, AbortController>();

  constructor(host: ReactiveControllerHost, send: typeof upload) {
    this.#host = host;
    this.#upload = send;
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing happens before a file is chosen.
  }

  of(conversation: ConversationId): readonly Attachment[] {
    return this.#files.get(conversation) ?? [];
  }

  add(conversation: ConversationId, files: readonly File[], limits: Welcome['limits']): void {
    for (const file of files) {
      const attachment: Attachment = { id: newId<FileId>(), name: file.name || 'image', mediaType: file.type, size: file.size, state: 'uploading', progress: 0 };
      const refusal = refusalFor(file, this.of(conversation).length, limits);
      this.#files.set(conversation, [...this.of(conversation), refusal === undefined ? attachment : { ...attachment, state: 'refused', refusal }]);
      if (refusal === undefined) void this.#send(conversation, attachment, file);
    }
    this.#host.requestUpdate();
  }

  remove(conversation: ConversationId, id: string): void {
    this.#stops.get(id as FileId)?.abort();
    this.#files.set(conversation, this.of(conversation).filter((file) => file.id !== id));
    this.#host.requestUpdate();
  }

  /** Takes out what is ready, to be named in a message. */
  take(conversation: ConversationId): readonly FilePart[] {
    const parts = this.of(conversation).flatMap((file) => file.part ?? []);
    this.#files.delete(conversation);
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
      const part = await this.#upload({ conversation, file: id, name, bytes, progress: (progress) => this.#change(conversation, id, { progress }), signal: stop.signal });
      this.#change(conversation, id, { state: 'ready', progress: 1, part });
    } catch (error) {
      this.#change(conversation, id, { state: 'refused', refusal: refusalOf(error) });
    } finally {
      this.#stops.delete(id);
    }
  }

  #change(conversation: ConversationId, id: FileId, change: Partial<Attachment>): void {
    this.#files.set(conversation, this.of(conversation).map((file) => (file.id === id ? { ...file, ...change } : file)));
    this.#host.requestUpdate();
  }
}

function refusalFor(file: File, already: number, limits: Welcome['limits']): Refusal | undefined {
  if (!IMAGES.includes(file.type)) return { code: 'unreadable-file', text: msg('This kind of file cannot be read') };
  if (file.size > limits.fileBytes) return { code: 'too-large', text: msg(str`Larger than ${formatBytes(limits.fileBytes)}`) };
  return already >= limits.filesPerMessage ? { code: 'too-large', text: msg(str`No more than ${limits.filesPerMessage} in one message`) } : undefined;
}
