import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Draws its element again each second while `isNeeded` says so, and not when the element is out of the page. */
export class SecondHand implements ReactiveController {
  private readonly host: ReactiveControllerHost;
  private readonly isNeeded: () => boolean;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, isNeeded: () => boolean) {
    this.host = host;
    this.isNeeded = isNeeded;
    host.addController(this);
  }

  hostConnected(): void {
    this.host.requestUpdate();
  }

  hostUpdated(): void {
    if (!this.isNeeded()) this.hostDisconnected();
    else this.timer ??= setInterval(() => this.host.requestUpdate(), 1_000);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
