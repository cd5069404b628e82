import { checkPackage, Ended, type Watch } from '../../contracts/proofs/package-check.ts';
import type { KeptElsewhere, Verdict } from '../../contracts/proofs/verdict.ts';
import { isZip, zipFolder } from '../../contracts/proofs/zip.ts';
import { sourceOf } from './blob-source.ts';
import { pagePrimitives } from './primitives.ts';

/** What a check of a file ended with: `not-one` is no package at all, `encrypted` one that is opened by its recipient first. */
export type Checked = { readonly type: 'verdict'; readonly verdict: Verdict } | { readonly type: 'not-one' | 'encrypted' | 'cancelled' } | { readonly type: 'unreadable'; readonly says: string };

const ENCRYPTED = 'age-encryption.org/';
const LET_GO_MS = 40;

/** Checks a package with the source of `gorunchat verify`. Lets the page draw and listen all the while, and ends when `signal` says so. */
export async function check(file: Blob, kept: KeptElsewhere, { signal, onPart }: { readonly signal: AbortSignal; onPart(done: number): void }): Promise<Checked> {
  try {
    const source = sourceOf(file);
    if (!(await isZip(source))) return { type: (await file.slice(0, ENCRYPTED.length).text()) === ENCRYPTED ? 'encrypted' : 'not-one' };
    return { type: 'verdict', verdict: await checkPackage(await zipFolder(source), { ...kept, primitives: pagePrimitives, watch: watching(signal, onPart) }) };
  } catch (error) {
    if (error instanceof Ended) return { type: 'cancelled' };
    return { type: 'unreadable', says: error instanceof Error ? error.message : String(error) };
  }
}

function watching(signal: AbortSignal, onPart: (done: number) => void): Watch {
  let at = performance.now();
  return async (bytes, of) => {
    if (signal.aborted) throw new Ended();
    if (performance.now() - at < LET_GO_MS) return;
    onPart(of > 0 ? Math.min(bytes / of, 1) : 1);
    await nextTask();
    at = performance.now();
  };
}

/** A timer would come late in a tab that nobody looks at. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), resolve());
    port2.postMessage(null);
  });
}
