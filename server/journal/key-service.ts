/** A service that keeps a key nobody can take out of it, and wraps with that key what is given. Rejects with a sentence for whoever runs the deployment. */
export interface KeyService {
  wrap(bytes: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer): Promise<Buffer>;
}

/** Opens the service for the key of this name. */
export type OpenKeyService = (key: string) => Promise<KeyService>;

const SCHEME = 'gcp-kms://';
const LINE = /^gcp-kms:\/\/(projects\/[^/\s#]+\/locations\/[^/\s#]+\/keyRings\/[^/\s#]+\/cryptoKeys\/[^/\s#]+)#([A-Za-z0-9+/]+={0,2})$/u;

/** Whether a master key stands here wrapped, and not as it is. */
export function isWrapped(text: string): boolean {
  return text.trim().startsWith(SCHEME);
}

/** Whether it is written as `wrapMasterKey` does. */
export function isWrappedWell(text: string): boolean {
  return LINE.test(text.trim());
}

/** The master key, 64 hex digits, that stands wrapped in this line. Rejects with a sentence when the line is none, the service refuses, or it holds something else. */
export async function unwrapMasterKey(line: string, open: OpenKeyService): Promise<string> {
  const [, key, wrapped] = LINE.exec(line.trim()) ?? [];
  if (key === undefined || wrapped === undefined) throw new Error('The master key is wrapped, but not as gorunchat wrap-master-key does it.');
  const bytes = await (await open(key)).unwrap(Buffer.from(wrapped, 'base64'));
  if (bytes.length !== 32) throw new Error(`What ${key} unwraps is no master key.`);
  return bytes.toString('hex');
}

/** The line that stands for a master key from now on; it was unwrapped once to see that it can be. */
export async function wrapMasterKey(masterKey: string, key: string, open: OpenKeyService): Promise<string> {
  const wrapped = await (await open(key)).wrap(Buffer.from(masterKey, 'hex'));
  const line = `${SCHEME}${key}#${wrapped.toString('base64')}`;
  if ((await unwrapMasterKey(line, open)) !== masterKey.toLowerCase()) throw new Error(`What ${key} wrapped is not what it unwraps.`);
  return line;
}
