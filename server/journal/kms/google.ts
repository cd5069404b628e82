import { KeyManagementServiceClient } from '@google-cloud/kms';
import { GoogleAuth } from 'google-auth-library';
import type { KeyService } from '../key-service.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
/** A start waits no longer for it. */
const TIMEOUT_MS = 10_000;

/** Codes of google.rpc.Code that a person can do something about. */
const WHY: Readonly<Record<number, string>> = {
  3: 'does not know what it was given: it was wrapped with another key, or changed',
  5: 'is not there',
  7: 'may not be used by this account',
  9: 'is disabled or destroyed',
  16: 'was asked without valid credentials',
};

/**
 * A symmetric key of Google Cloud KMS, over REST with the official client, which finds its credentials by itself (Application Default Credentials). `endpoint` is for a private address of the service;
 * without it the public one is asked.
 */
export function googleKms(key: string, endpoint: string | undefined): KeyService {
  const ask = async <T>(call: (client: KeyManagementServiceClient) => Promise<T>): Promise<T> => {
    let client: KeyManagementServiceClient | undefined;
    try {
      // Found beforehand: the client looks for them in its constructor, and nobody would hear that there are none.
      const authClient = await new GoogleAuth({ scopes: SCOPE }).getClient();
      client = new KeyManagementServiceClient({ fallback: true, authClient, ...addressOf(endpoint) });
      return await call(client);
    } catch (error) {
      throw new Error(sentenceOf(key, error), { cause: error });
    } finally {
      await client?.close();
    }
  };
  return {
    wrap: (bytes) => ask(async (client) => bytesIn((await client.encrypt({ name: key, plaintext: bytes }, { timeout: TIMEOUT_MS }))[0].ciphertext)),
    unwrap: (wrapped) => ask(async (client) => bytesIn((await client.decrypt({ name: key, ciphertext: wrapped }, { timeout: TIMEOUT_MS }))[0].plaintext)),
  };
}

function addressOf(endpoint: string | undefined): { apiEndpoint?: string; port?: number; protocol?: string } {
  if (endpoint === undefined) return {};
  const { protocol, hostname, port } = new URL(endpoint);
  return { apiEndpoint: hostname, protocol: protocol.slice(0, -1), port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
}

function bytesIn(given: Uint8Array | string | null | undefined): Buffer {
  if (given === null || given === undefined || given.length === 0) throw new Error('it answered nothing');
  return typeof given === 'string' ? Buffer.from(given, 'base64') : Buffer.from(given);
}

function sentenceOf(key: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
  const why = WHY[code];
  const said = error instanceof Error ? error.message : String(error);
  return why === undefined ? `The key ${key} of Google Cloud KMS could not be asked: ${said}` : `The key ${key} of Google Cloud KMS ${why}: ${said}`;
}
