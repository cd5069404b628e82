import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Files that are dragged over the window. The browser never opens a dropped file in the place of the page; where files are not wanted, nothing happens. */
export class DropController implements ReactiveController {
  /** Files are over the window and would be taken. */
  isOver = false;
  readonly #host: ReactiveControllerHost;
  readonly #isWanted: () => boolean;
  readonly #take: (files: readonly File[]) => void;

  constructor(host: ReactiveControllerHost, parts: { isWanted: () => boolean; take: (files: readonly File[]) => void }) {
    this.#host = host;
    this.#isWanted = parts.isWanted;
    this.#take = parts.take;
    host.addController(this);
  }

  hostConnected(): void {
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) addEventListener(type, this.#onDrag, true);
  }

  hostDisconnected(): void {
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) removeEventListener(type, this.#onDrag, true);
  }

  /** On the way down, so that no element under the pointer takes files for itself. */
  readonly #onDrag = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.stopPropagation();
    // Only on its way out of the window a drag has nowhere to go.
    if (event.type === 'dragleave') return event.relatedTarget === null ? this.#show(false) : undefined;
    event.preventDefault();
    const isWanted = this.#isWanted();
    event.dataTransfer.dropEffect = isWanted ? 'copy' : 'none';
    this.#show(isWanted && event.type !== 'drop');
    if (isWanted && event.type === 'drop') this.#take([...event.dataTransfer.files]);
  };

  #show(isOver: boolean): void {
    if (this.isOver === isOver) return;
    this.isOver = isOver;
    this.#host.requestUpdate();
  }
}
