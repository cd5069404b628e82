import type { FilePart } from '../../contracts/conversation.ts';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { DraftPlace } from './drafts.ts';
import { dropItems, keepItem, keysWith, readItem } from './storage.ts';

/** Images of a half-written message. They are at the server, under the conversation that the message will belong to, also when that has not begun. */
export interface DraftFilesKept {
  readonly conversation: ConversationId;
  readonly files: readonly FilePart[];
}

/** Which images lie in the composers of one account, kept in this browser over a reload. The bytes are at the server only. */
export class DraftFiles {
  readonly #storage: Storage | undefined;
  readonly #prefix: string;

  constructor(storage: Storage | undefined, account: UserId) {
    this.#storage = storage;
    this.#prefix = `gorunchat.draft-files.${account}.`;
  }

  get(place: DraftPlace): DraftFilesKept | undefined {
    return keptOf(readItem(this.#storage, this.#prefix + place));
  }

  /** Without files nothing is kept any more. */
  keep(place: DraftPlace, kept: DraftFilesKept): void {
    keepItem(this.#storage, this.#prefix + place, kept.files.length === 0 ? undefined : JSON.stringify(kept));
  }

  get places(): readonly string[] {
    return keysWith(this.#storage, this.#prefix).map((key) => key.slice(this.#prefix.length));
  }

  /** Whether another tab of this browser has changed what is kept for a place, by the key that the browser names; `null` stands for all. */
  isFor(place: DraftPlace, key: string | null): boolean {
    return key === null || key === this.#prefix + place;
  }

  clear(): void {
    dropItems(this.#storage, this.#prefix);
  }
}

/** Whatever else stands under the key is nothing that was kept: people and extensions write there, too. */
function keptOf(text: string | undefined): DraftFilesKept | undefined {
  if (text === undefined) return undefined;
  try {
    const { conversation, files } = JSON.parse(text) as DraftFilesKept;
    const isWhole = typeof conversation === 'string' && Array.isArray(files) && files.length > 0 && files.every((file) => typeof file.fileId === 'string' && typeof file.name === 'string' && typeof file.size === 'number');
    return isWhole ? { conversation, files } : undefined;
  } catch {
    return undefined;
  }
}
