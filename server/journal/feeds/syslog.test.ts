import { expect, it } from 'vitest';
import { ocsfOf } from '../ocsf.ts';
import { messageOf } from './syslog.ts';

const entryOf = (settings: number) => ocsfOf({
  number: 7, at: 1_790_000_000_000, type: 'configuration-changed', result: 'done', actor: null,
  said: { type: 'configuration-changed', v: 1, by: 'root at chat1', change: Object.fromEntries(Array.from({ length: settings }, (_, index) => [`providers.local.model.${index}.instructions`, '簡潔に。'.repeat(20)])), before: {} },
});

it('[RE12] an entry that is too long for a datagram says so, and where it stands, and any other says all', () => {
  const [short, long] = [entryOf(3), entryOf(1_000)];
  expect(messageOf(short, 60_000)).toBe(messageOf(short));
  expect(Buffer.byteLength(messageOf(long))).toBeGreaterThan(65_507);
  const cut = messageOf(long, 60_000);
  expect(Buffer.byteLength(cut)).toBeLessThan(60_000);
  expect(cut).toContain('"unmapped":{"number":7,"tooLong":');
  expect(cut).toContain(`uid="audit:7:1790000000000"`);
});
