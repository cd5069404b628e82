/**
 * A new id: 128 random bits in base64url, 22 characters. It comes from `getRandomValues`, which also exists on a page
 * that was loaded over plain http from an address in the local network, where `randomUUID` does not.
 */
export function newId<Id extends string>(): Id {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.slice(0, 22).replaceAll('+', '-').replaceAll('/', '_') as Id;
}
