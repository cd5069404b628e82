import { hash, verify } from '@node-rs/argon2';

/** Argon2id with the first recommended set of OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. Runs off the main thread. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** What is stored in a password’s place; takes tens of milliseconds of a thread of its own, on purpose. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let decoy: Promise<string> | undefined;

/** Whether the password is right. With no hash it takes as long and says no, so that time does not tell which addresses have an account. */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  decoy ??= hashPassword('an account that does not exist');
  const isRight = await verify(kept ?? (await decoy), password);
  return isRight && kept !== undefined;
}
