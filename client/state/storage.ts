/** The browser's storage for this origin, or nothing where a private window or a policy closes it: even asking for it can throw. */
export function openStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** What is kept under `key`, or nothing. */
export function readItem(storage: Storage | undefined, key: string): string | undefined {
  try {
    return storage?.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps `value`, or removes what was kept. For conveniences only: a full or closed storage keeps nothing and says nothing. */
export function keepItem(storage: Storage | undefined, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage?.removeItem(key);
    else storage?.setItem(key, value);
  } catch {
    // The page works without it.
  }
}

/** The keys that begin so. */
export function keysWith(storage: Storage | undefined, prefix: string): readonly string[] {
  try {
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
    return keys.filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Removes everything whose key begins so. */
export function dropItems(storage: Storage | undefined, prefix: string): void {
  for (const key of keysWith(storage, prefix)) keepItem(storage, key, undefined);
}
