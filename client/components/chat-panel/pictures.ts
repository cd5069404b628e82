import type { FilePart, Message } from '../../../contracts/conversation.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { ShownSite } from '../../../contracts/sites.ts';
import type { VisitorFiles, VisitorFilesParts } from '../../state/visitor-files.ts';
import type { AttachedFile } from '../composer/composer.ts';
import type { ReactiveControllerHost } from 'lit';

const NONE: readonly AttachedFile[] = [];

/** Images of a visitor. What handles them is fetched where there are any. */
export class Pictures {
  /** Another function each time an image has arrived, so that messages ask again. */
  addressOf: ((file: FilePart) => string | undefined) | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => Omit<VisitorFilesParts, 'changed'>;
  #files: VisitorFiles | undefined;

  constructor(host: ReactiveControllerHost, parts: () => Omit<VisitorFilesParts, 'changed'>) {
    this.#host = host;
    this.#parts = parts;
  }

  of(conversation: ConversationId): readonly AttachedFile[] {
    return this.#files?.of(conversation) ?? NONE;
  }

  take(conversation: ConversationId): readonly FilePart[] {
    return this.#files?.take(conversation) ?? [];
  }

  remove(conversation: ConversationId, file: string): void {
    this.#files?.remove(conversation, file);
  }

  async add(conversation: ConversationId, files: readonly File[], limits: ShownSite['limits']): Promise<void> {
    (await this.#load()).add(conversation, files, limits);
  }

  /** Fetches what shows images, once there is one in the thread. */
  observe(messages: readonly Message[]): void {
    if (this.addressOf !== undefined || messages.every(({ parts }) => parts.every(({ type }) => type !== 'file'))) return;
    this.addressOf = () => undefined;
    void this.#load().then(() => this.#changed(), () => (this.addressOf = undefined)); // tried again with the next message
  }

  close(): void {
    this.#files?.close();
  }

  async #load(): Promise<VisitorFiles> {
    const { VisitorFiles } = await import('../../state/visitor-files.ts');
    return (this.#files ??= new VisitorFiles(this.#host, { ...this.#parts(), changed: () => this.#changed() }));
  }

  #changed(): void {
    this.addressOf = (file) => this.#files?.addressOf(file);
    this.#host.requestUpdate();
  }
}
