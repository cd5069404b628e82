import { createHash } from 'node:crypto';
import { canonical } from '../../contracts/proofs/canonical.ts';

/** SHA-256 of the canonical bytes, as 64 hex digits. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
