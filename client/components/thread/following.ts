import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Pixels by which the end may be out of view and still counts as being there. */
const NEAR = 48;
/** Pixels between the top of the view and an own message that was just sent. */
const UNDER_TOP = 16;
/** Pixels kept free under the end while it is followed. */
const UNDER_END = 32;

/** The elements that scrolling is about; `end` stands behind the last character. */
export interface Scrolled {
  readonly scroller: HTMLElement;
  readonly column: HTMLElement;
  readonly end: HTMLElement;
}

/** Where somebody was: the message at the top of the view and how far it was from there, or the end. */
export type Place = { readonly message: string; readonly offset: number } | 'end';

/**
 * Keeps the end of a growing reply in view for as long as the person wants it: from when the reply reaches the bottom of
 * a view that showed its end, until the person does anything that means reading elsewhere.
 */
export class Following implements ReactiveController {
  private readonly host: ReactiveControllerHost;
  private readonly find: () => Scrolled | undefined;
  private scrolled: Scrolled | undefined;
  private observer: ResizeObserver | undefined;
  private distance = 0;
  private wasAt = 0;
  /** Whether text is coming. Without it nothing is followed that was not followed before. */
  isGrowing = false;
  isFollowing = false;
  /** The person reads elsewhere: nothing moves by itself. */
  hasLeft = false;
  /** Text came while the person was elsewhere. */
  hasNews = false;

  constructor(host: ReactiveControllerHost, find: () => Scrolled | undefined) {
    this.host = host;
    this.find = find;
    host.addController(this);
  }

  /** Moved to another place in the page nothing is drawn again by itself, and nothing would be listened to. */
  hostConnected(): void {
    this.host.requestUpdate();
  }

  hostUpdated(): void {
    const found = this.find();
    if (found === undefined || found.scroller === this.scrolled?.scroller) return;
    this.hostDisconnected();
    this.scrolled = found;
    this.observer = new ResizeObserver((entries) => this.onResize(entries.some(({ target }) => target === found.scroller)));
    this.observer.observe(found.scroller);
    this.observer.observe(found.column);
    found.scroller.addEventListener('wheel', this.onWheel, { passive: true });
    found.scroller.addEventListener('touchmove', this.leave, { passive: true });
    found.scroller.addEventListener('pointermove', this.onDrag);
    found.scroller.addEventListener('pointerdown', this.onPress);
    found.scroller.addEventListener('keydown', this.onPress);
    found.scroller.addEventListener('scroll', this.onScroll, { passive: true });
  }

  hostDisconnected(): void {
    this.observer?.disconnect();
    const scroller = this.scrolled?.scroller;
    this.scrolled = undefined;
    scroller?.removeEventListener('wheel', this.onWheel);
    scroller?.removeEventListener('touchmove', this.leave);
    scroller?.removeEventListener('pointermove', this.onDrag);
    scroller?.removeEventListener('pointerdown', this.onPress);
    scroller?.removeEventListener('keydown', this.onPress);
    scroller?.removeEventListener('scroll', this.onScroll);
  }

  /** Goes to the end and stays there while it grows. */
  follow(): void {
    this.hasLeft = false;
    this.isFollowing = true;
    this.toEnd();
    this.see();
  }

  /** The person reads elsewhere: nothing moves by itself any more. */
  readonly leave = (): void => {
    this.hasLeft = true;
    if (!this.isFollowing) return;
    this.isFollowing = false;
    this.host.requestUpdate();
  };

  /** Puts a message that was just sent under the top of the view. */
  raise(message: HTMLElement): void {
    if (!this.scrolled) return;
    const { scroller } = this.scrolled;
    this.hasLeft = false;
    this.isFollowing = false;
    this.scrollBy(message.getBoundingClientRect().top - scroller.getBoundingClientRect().top - UNDER_TOP);
    this.see();
  }

  /** Brings something under the top of the view to be read there, whatever grows below. */
  bring(element: HTMLElement): void {
    this.raise(element);
    this.hasLeft = true;
  }

  /** Whether the end is in view, or nearly. */
  get isAtEnd(): boolean {
    return this.measure() <= NEAR;
  }

  /** Where the person is; `messages` in their order, by id. */
  place(messages: ReadonlyMap<string, HTMLElement>): Place {
    const top = this.scrolled?.scroller.getBoundingClientRect().top ?? 0;
    if (this.isAtEnd) return 'end';
    for (const [message, element] of messages) {
      const box = element.getBoundingClientRect();
      if (box.bottom > top) return { message, offset: box.top - top };
    }
    return 'end';
  }

  /** Goes back to where the person was. The end is followed, for formulas and pictures that come late move it. */
  restore(place: Place, messages: ReadonlyMap<string, HTMLElement>): void {
    const element = place === 'end' ? undefined : messages.get(place.message);
    this.isFollowing = element === undefined;
    this.hasLeft = false;
    if (place === 'end' || element === undefined || !this.scrolled) this.toEnd();
    else this.scrollBy(element.getBoundingClientRect().top - this.scrolled.scroller.getBoundingClientRect().top - place.offset);
    this.see();
  }

  private toEnd(): void {
    this.scrollBy(this.measure() + UNDER_END);
  }

  private scrollBy(pixels: number): void {
    const scroller = this.scrolled?.scroller;
    if (!scroller) return;
    scroller.scrollTop += pixels;
    this.wasAt = scroller.scrollTop;
  }

  /** Pixels from the bottom of the view down to the end of the text. */
  private measure(): number {
    if (!this.scrolled) return 0;
    return this.scrolled.end.getBoundingClientRect().bottom - this.scrolled.scroller.getBoundingClientRect().bottom;
  }

  private readonly onResize = (isView: boolean): void => {
    const now = this.measure();
    const wasInView = this.distance <= NEAR;
    if (this.isFollowing) this.toEnd();
    else if (wasInView && now > 0 && !this.hasLeft && (this.isGrowing || isView)) {
      this.isFollowing = this.isGrowing;
      this.toEnd();
    }
    this.see();
  };

  /** Takes note of where the end is now, and draws again when what is shown about it changes. */
  private see(): void {
    const before = this.hasNews;
    const isOut = this.measure() > NEAR;
    if (!isOut) this.hasNews = false;
    else if (this.isGrowing && this.measure() > this.distance) this.hasNews = true;
    this.distance = this.measure();
    if (before !== this.hasNews) this.host.requestUpdate();
  }

  private readonly onScroll = (): void => {
    const at = this.scrolled?.scroller.scrollTop ?? 0;
    const isAtEnd = this.measure() <= NEAR;
    if (at > this.wasAt && isAtEnd) this.hasLeft = false;
    /* Upwards and away from the end: not the browser closing a gap under shorter content. */
    if (at < this.wasAt && !isAtEnd) this.leave();
    this.wasAt = at;
    this.see();
  };

  private readonly onWheel = (event: WheelEvent): void => {
    if (event.deltaY < 0) this.leave();
  };

  private readonly onDrag = (event: PointerEvent): void => {
    if ((event.buttons & 1) === 1) this.leave();
  };

  /** Once nothing grows, what a press unfolds must not move what was pressed. */
  private readonly onPress = (): void => {
    if (!this.isGrowing) this.isFollowing = false;
  };
}
