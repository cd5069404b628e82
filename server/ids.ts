import { randomBytes } from 'node:crypto';

/** A new id of any brand: 128 random bits in base64url, as `contracts/ids.ts` asks. */
export function newId<Id extends string>(): Id {
  return randomBytes(16).toString('base64url') as Id;
}
