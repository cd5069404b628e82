import { vi } from 'vitest';

/** Looks again and again until this holds: for what nothing tells of. What never comes true fails, with `what` that would have been. Of an address that one person may ask only so often, every quarter of a second is enough. */
export async function until(holds: () => boolean | Promise<boolean>, what?: string, everyMs = 50): Promise<void> {
  try {
    await vi.waitUntil(holds, { timeout: 100_000, interval: everyMs });
  } catch (cause) {
    throw what === undefined ? cause : new Error(`never came true: ${what}`, { cause });
  }
}
