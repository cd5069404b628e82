// Where things are in a package.

/** Names every other file with its size and its SHA-256. */
export const MANIFEST = 'manifest.json';
/** The signature over the manifest. */
export const MANIFEST_NOTE = 'manifest.note';
/** Which conversations there are, and which are in the package. */
export const STATEMENT = 'statement.ndjson';

/** The records of a conversation with their proofs. */
export function recordsPath(conversation: string): string {
  return `conversations/${conversation}/records.ndjson`;
}

/** What is signed of a manifest. */
export function manifestText(sha256: string): string {
  return `gorunchat-package\n${sha256}\n`;
}
