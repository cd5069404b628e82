import { AsyncLocalStorage } from 'node:async_hooks';

/** A process in the simulation: what it waits for can be held, or never come. */
export class Host {
  isPaused = false;
  isDead = false;
  /** How far its time of day is off. */
  clockOffMs = 0;
  /** What came due while it was paused. */
  readonly held: Entry[] = [];
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly host: Host | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

const running = new AsyncLocalStorage<Host>();
const real = { setTimeout, clearTimeout, setImmediate, clearImmediate, now: performance.now.bind(performance), date: Date.now.bind(Date), random: Math.random.bind(Math) };
/** A day in 2026. */
const BEGAN = 1_780_000_000_000;

/** Time that passes only when nothing is left to do at this moment. While it is installed, timers and clocks of this process are its own; each belongs to the host that set it. */
export class SimulatedTime {
  now = 0;
  #order = 0;
  readonly #queue: Entry[] = [];

  /** Runs on no host in particular, whatever is paused or dead: the network. */
  later(ms: number, run: () => void, host?: Host): () => void {
    const entry: Entry = { at: this.now + Math.max(0, ms), order: this.#order++, host, run, isCancelled: false };
    this.#add(entry);
    return () => void (entry.isCancelled = true);
  }

  on<T>(host: Host, run: () => T): T {
    return running.run(host, run);
  }

  resume(host: Host): void {
    host.isPaused = false;
    for (const { run, isCancelled } of host.held.splice(0)) if (!isCancelled) this.later(0, run, host);
  }

  install(random: () => number): void {
    const timer = (run: (...given: unknown[]) => void, ms: number, given: unknown[]): unknown => {
      const cancel = this.later(ms, () => run(...given), running.getStore());
      const made = { cancel, ref: () => made, unref: () => made, hasRef: () => true, [Symbol.dispose]: cancel };
      return made;
    };
    const clear = (made?: { cancel?: () => void }): void => made?.cancel?.();
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0, ...given: unknown[]) => timer(run, ms, given),
      setImmediate: (run: () => void, ...given: unknown[]) => timer(run, 0, given),
      clearTimeout: clear,
      clearImmediate: clear,
    });
    Object.defineProperty(performance, 'now', { configurable: true, writable: true, value: () => this.now });
    Date.now = () => Math.round(BEGAN + this.now + (running.getStore()?.clockOffMs ?? 0));
    Math.random = random;
  }

  uninstall(): void {
    Object.assign(globalThis, { setTimeout: real.setTimeout, setImmediate: real.setImmediate, clearTimeout: real.clearTimeout, clearImmediate: real.clearImmediate });
    Object.defineProperty(performance, 'now', { configurable: true, writable: true, value: real.now });
    Date.now = real.date;
    Math.random = real.random;
  }

  pass(ms: number): Promise<boolean> {
    return this.until(() => false, ms);
  }

  /** Lets time pass until it holds, or so many milliseconds have passed. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const end = this.now + withinMs;
    await settled();
    while (!holds()) {
      const next = this.#queue[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        return false;
      }
      this.#takeFirst();
      if (next.isCancelled || next.host?.isDead === true) continue;
      if (next.host?.isPaused === true) {
        next.host.held.push(next);
        continue;
      }
      this.now = Math.max(this.now, next.at);
      if (next.host === undefined) next.run();
      else running.run(next.host, next.run);
      await settled();
    }
    return true;
  }

  #add(entry: Entry): void {
    const queue = this.#queue;
    let at = queue.length;
    queue.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(entry, queue[above] as Entry)) break;
      queue[at] = queue[above] as Entry;
      at = above;
    }
    queue[at] = entry;
  }

  #takeFirst(): void {
    const queue = this.#queue;
    const last = queue.pop() as Entry;
    if (queue.length === 0) return;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= queue.length) break;
      if (below + 1 < queue.length && isBefore(queue[below + 1] as Entry, queue[below] as Entry)) below += 1;
      if (!isBefore(queue[below] as Entry, last)) break;
      queue[at] = queue[below] as Entry;
      at = below;
    }
    queue[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** All that follows from what was done, without time passing. */
function settled(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}
