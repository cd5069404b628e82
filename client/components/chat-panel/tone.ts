import type { MessageId, SiteId } from '../../../contracts/ids.ts';
import { keepItem, readItem } from '../../state/storage.ts';
import { rungOf } from './sound.ts';

/** Seconds from the beginning, and hertz: a fourth upwards. */
const NOTES = [[0, 660], [.11, 880]] as const;
const LASTS_S = .35;
/** Of 1: heard beside music, not over it. */
const LOUDNESS = .05;
/** A browser may hold a tone back until the next press; by then nobody knows what it was for. */
const LATE_MS = 1_000;

/** For how long a message's lock is kept: what one tab has stored reaches the others only in a while. */
const TOLD_MS = 10_000;

/** Absent where the page was not fetched safely; each tab then sounds for itself. */
const locks = navigator.locks as LockManager | undefined;
let context: AudioContext | undefined;
let playing = 0;

/** Lets the visitor's other tabs know that the chat is looked at here, until it `ends`. */
export function look(site: SiteId, ends: Promise<void>): void {
  void locks?.request(looks(site), { mode: 'shared' }, () => ends);
}

/** Sounds for a message, in one tab of the visitor's and once; not where they see it in another. */
export async function ring(site: SiteId, message: MessageId, storage: Storage | undefined): Promise<void> {
  const { held = [] } = (await locks?.query()) ?? {};
  if (held.some(({ name }) => name === looks(site))) return;
  if (await isFirst(rungOf(site), message, storage)) await play();
}

/** Whether no other tab sounds for this message: the lock decides between tabs that hear of it together, what is stored between those that do not. */
function isFirst(rung: string, message: MessageId, storage: Storage | undefined): Promise<boolean> {
  const take = (): boolean => {
    if (readItem(storage, rung) === message) return false;
    keepItem(storage, rung, message);
    return true;
  };
  if (locks === undefined) return Promise.resolve(take());
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const taken = locks.request(`${rung}.${message}`, { ifAvailable: true }, (lock) => {
    const isTaken = lock !== null && take();
    resolve(isTaken);
    return isTaken ? new Promise((end) => setTimeout(end, TOLD_MS)) : undefined;
  });
  taken.catch(reject);
  return promise;
}

/** Two quiet notes, where the browser lets this page sound: once somebody has pressed something in it. */
export async function play(): Promise<void> {
  if (!navigator.userActivation.hasBeenActive) return;
  const asked = performance.now();
  context ??= new AudioContext();
  await context.resume();
  if (performance.now() - asked > LATE_MS) return;
  playing += 1;
  await Promise.all(NOTES.map(([after, frequency]) => note(context as AudioContext, after, frequency)));
  playing -= 1;
  if (playing === 0) await context.suspend(); // a page that is silent should cost nothing
}

function note(on: AudioContext, after: number, frequency: number): Promise<unknown> {
  const oscillator = new OscillatorNode(on, { frequency });
  const gain = new GainNode(on, { gain: 0 });
  const start = on.currentTime + after;
  gain.gain.setValueAtTime(0, start).linearRampToValueAtTime(LOUDNESS, start + .01).exponentialRampToValueAtTime(.0001, start + LASTS_S);
  oscillator.connect(gain).connect(on.destination);
  oscillator.start(start);
  oscillator.stop(start + LASTS_S);
  return new Promise((resolve) => oscillator.addEventListener('ended', resolve, { once: true }));
}

function looks(site: SiteId): string {
  return `gorunchat.looks.${site}`;
}
