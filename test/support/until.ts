import { vi } from 'vitest';

/** Looks again and again until this holds: for what nothing tells of. What never comes true fails, with `what` that would have been. */
export async function until(holds: () => boolean | Promise<boolean>, what?: string): Promise<void> {
  try {
    await vi.waitUntil(holds, { timeout: 100_000, interval: 50 });
  } catch (cause) {
    throw what === undefined ? cause : new Error(`never came true: ${what}`, { cause });
  }
}
