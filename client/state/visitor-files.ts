import type { ReactiveControllerHost } from 'lit';
import type { FilePart } from '../../contracts/conversation.ts';
import type { ConversationId, FileId } from '../../contracts/ids.ts';
import type { ShownSite } from '../../contracts/sites.ts';
import { attachedFiles } from '../components/composer/attached-files.ts';
import type { AttachedFile } from '../components/composer/composer.ts';
import type { Elsewhere } from '../link/api.ts';
import { addressOf } from '../link/visitor-api.ts';
import { upload } from '../link/upload.ts';
import { AttachmentsController } from './attachments.ts';
import { later } from './frame.ts';

/** What did not arrive is fetched again, as long as somebody shows it. */
const AGAIN_AFTER_MS = 10_000;

export interface VisitorFilesParts {
  readonly site: ShownSite['site'];
  /** The server, and the visitor's token as it is now. */
  readonly from: () => Elsewhere;
  /** Resolves once it is known who the visitor is: nothing is taken from anybody before. */
  readonly known: () => Promise<unknown>;
  /** An image has arrived: whoever shows it asks for its address again. */
  readonly changed: () => void;
}

/** Images of a site's visitor. No cookie goes with what a page of another origin asks for, so each is fetched with the visitor's token and shown from memory. */
export class VisitorFiles {
  readonly #attachments: AttachmentsController;
  readonly #parts: VisitorFilesParts;
  readonly #addresses = new Map<FileId, string | undefined>();

  constructor(host: ReactiveControllerHost, parts: VisitorFilesParts) {
    this.#parts = parts;
    this.#attachments = new AttachmentsController(host, {
      upload: async (asked) => {
        await parts.known();
        asked.signal.throwIfAborted();
        return upload({ ...asked, from: { ...parts.from(), site: parts.site } });
      },
      isThere: () => Promise.resolve(true),
      onReady: () => undefined,
      onGone: () => undefined,
      onStored: () => undefined,
    });
  }

  of(conversation: ConversationId): readonly AttachedFile[] {
    return attachedFiles(this.#attachments.of(conversation));
  }

  add(conversation: ConversationId, files: readonly File[], limits: ShownSite['limits']): void {
    this.#attachments.add(conversation, files, limits);
  }

  remove(conversation: ConversationId, file: string): void {
    this.#attachments.remove(conversation, file);
  }

  take(conversation: ConversationId): readonly FilePart[] {
    return this.#attachments.take(conversation);
  }

  /** Where the bytes of an image are; `undefined` until they have arrived, and for one that is not there. */
  addressOf({ fileId }: FilePart): string | undefined {
    if (!this.#addresses.has(fileId)) void this.#fetch(fileId);
    return this.#addresses.get(fileId);
  }

  /** Lets go of everything that is held in memory. */
  close(): void {
    this.#attachments.clear();
    for (const address of this.#addresses.values()) if (address !== undefined) URL.revokeObjectURL(address);
    this.#addresses.clear();
  }

  async #fetch(file: FileId): Promise<void> {
    this.#addresses.set(file, undefined);
    const { server, token } = this.#parts.from();
    const reply = await fetch(server + addressOf('visitorFile', { params: { site: this.#parts.site, file } }), { credentials: 'omit', headers: { authorization: `Bearer ${token}` } }).catch(() => undefined);
    if (reply?.status === 404) return;
    if (reply?.ok !== true) return void later(AGAIN_AFTER_MS, () => this.#addresses.delete(file) && this.#parts.changed());
    this.#addresses.set(file, URL.createObjectURL(await reply.blob()));
    this.#parts.changed();
  }
}
