import { createHash, randomBytes } from 'node:crypto';

/** A new id of any brand: 128 random bits in base64url, as `contracts/ids.ts` asks. */
export function newId<Id extends string>(): Id {
  return randomBytes(16).toString('base64url') as Id;
}

/** The id under which something is kept that has a name: the same for the same one, and it does not tell the name. */
export function idFor(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22);
}
