import type { Dice } from '../../support/random.ts';
import type { Host, SimulatedTime } from './time.ts';

/** What every part of one history has in common. */
export interface Stage {
  readonly time: SimulatedTime;
  readonly dice: Dice;
}

const SHORTEST_MS = 0.2;
const LONGEST_MS = 1.5;

/** One direction of a connection: what is sent arrives in its order, a little later; it can be held up, and broken for good. */
export class Wire {
  readonly #stage: Stage;
  readonly #to: Host | undefined;
  #isHeld = false;
  #isBroken = false;
  #arrivesAt = 0;
  #held: (() => void)[] = [];

  /** `to` is where things arrive; a service that never pauses has no host. */
  constructor(stage: Stage, to?: Host) {
    this.#stage = stage;
    this.#to = to;
  }

  send(arrive: () => void): void {
    if (this.#isBroken) return;
    const { time, dice } = this.#stage;
    this.#arrivesAt = Math.max(this.#arrivesAt, time.now + SHORTEST_MS + dice.next() * (LONGEST_MS - SHORTEST_MS));
    const take = (): void => {
      if (this.#isHeld) this.#held.push(arrive);
      else arrive();
    };
    time.later(this.#arrivesAt - time.now, take, this.#to);
  }

  hold(): void {
    this.#isHeld = true;
  }

  pass(): void {
    this.#isHeld = false;
    const held = this.#held;
    this.#held = [];
    for (const arrive of held) this.#stage.time.later(0, arrive, this.#to);
  }

  /** Nothing more is taken. What is under way arrives, unless it was held. */
  break(): void {
    this.#isBroken = true;
    this.#held = [];
  }
}

/** A way from a host to a service and back, over which it asks. Cut, every question that has no answer yet fails. */
export class Way {
  readonly host: Host;
  readonly #stage: Stage;
  #there: Wire;
  #back: Wire;
  readonly #open = new Set<(cause: Error) => void>();
  isCut = false;
  isHeld = false;
  /** Called when it breaks, and when it can be used again. */
  onCut: () => void = () => undefined;
  onMended: () => void = () => undefined;

  constructor(stage: Stage, host: Host) {
    this.#stage = stage;
    this.host = host;
    this.#there = new Wire(stage);
    this.#back = new Wire(stage, host);
  }

  /** Asks, and rejects when the way breaks or no answer comes in time; then it may have been done. `work` runs where the service is. */
  ask<T>(work: () => T | Promise<T>, withinMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isCut) return void this.#stage.time.later(0.1, () => reject(new Unreached('no connection')), this.host);
      const end = (): void => {
        cancel();
        this.#open.delete(fail);
      };
      const fail = (cause: Error): void => (end(), reject(cause));
      const cancel = this.#stage.time.later(withinMs, () => fail(new Unanswered('no answer in time')), this.host);
      this.#open.add(fail);
      const back = this.#back;
      this.#there.send(() => {
        void (async () => work())().then(
          (value) => back.send(() => (end(), resolve(value))),
          (error: unknown) => back.send(() => fail(error as Error)),
        );
      });
    });
  }

  /** Something is said to the host without being asked. */
  tell(heard: () => void): void {
    if (!this.isCut) this.#back.send(heard);
  }

  hold(): void {
    this.isHeld = true;
    this.#there.hold();
    this.#back.hold();
  }

  pass(): void {
    this.isHeld = false;
    this.#there.pass();
    this.#back.pass();
  }

  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    this.drop();
  }

  /** The connection breaks and can be made again at once. */
  drop(): void {
    this.#there.break();
    this.#back.break();
    this.#there = new Wire(this.#stage);
    this.#back = new Wire(this.#stage, this.host);
    const open = [...this.#open];
    this.#stage.time.later(0.1, () => {
      for (const fail of open) fail(new Unanswered('the connection broke off'));
      this.onCut();
    }, this.host);
  }

  mend(): void {
    if (!this.isCut) return;
    this.isCut = false;
    this.#stage.time.later(20 + this.#stage.dice.below(200), () => this.isCut || this.onMended(), this.host);
  }
}

/** It was never sent. */
export class Unreached extends Error {}
/** It was sent, and may have been done. */
export class Unanswered extends Error {}
