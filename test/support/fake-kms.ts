import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';

/** The REST protocol of Google Cloud KMS as far as `encrypt` and `decrypt` go, for one account that signs its own tokens. It really encrypts, under a key of its own for each name. */
export interface FakeKms extends AsyncDisposable {
  readonly environment: { readonly GORUNCHAT_KMS_ENDPOINT: string; readonly GOOGLE_APPLICATION_CREDENTIALS: string };
  /** What every request is refused with from now on. */
  refusal: { readonly status: number; readonly code: string; readonly message: string } | undefined;
  /** Methods that were asked. */
  readonly asked: readonly string[];
}

export async function newFakeKms(): Promise<FakeKms> {
  const folder = mkdtempSync(join(tmpdir(), 'kms-'));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const keys = new Map<string, Buffer>();
  const asked: string[] = [];
  const state: Pick<FakeKms, 'refusal'> = { refusal: undefined };
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    const refuse = (status: number, code: string, message: string) => ({ status, body: { error: { code: status, status: code, message } } });
    const body = JSON.parse(Buffer.concat(await request.toArray() as Buffer[]).toString() || '{}') as { plaintext?: string; ciphertext?: string };
    const [, name = '', method = ''] = /^\/v1\/(projects\/[^:?]+):(\w+)/u.exec(request.url ?? '') ?? [];
    asked.push(method);
    const isSigned = await jwtVerify(request.headers.authorization?.replace('Bearer ', '') ?? '', publicKey).then(() => true, () => false);
    if (!isSigned) return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    if (state.refusal !== undefined) return refuse(state.refusal.status, state.refusal.code, state.refusal.message);
    const key = keys.get(name) ?? randomBytes(32);
    keys.set(name, key);
    if (method === 'encrypt') return { status: 200, body: { name: `${name}/cryptoKeyVersions/1`, ciphertext: encrypted(key, Buffer.from(body.plaintext ?? '', 'base64')).toString('base64') } };
    try {
      return { status: 200, body: { plaintext: decrypted(key, Buffer.from(body.ciphertext ?? '', 'base64')).toString('base64') } };
    } catch {
      return refuse(400, 'INVALID_ARGUMENT', 'Decryption failed: the ciphertext is invalid.');
    }
  };
  const server = createServer((request, reply) => {
    void answer(request).then(({ status, body }) => reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const credentials = join(folder, 'account.json');
  writeFileSync(credentials, JSON.stringify({ type: 'service_account', project_id: 'p', client_email: 'gorunchat@p.iam.gserviceaccount.com', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }));
  return Object.assign(state, {
    environment: { GORUNCHAT_KMS_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, GOOGLE_APPLICATION_CREDENTIALS: credentials },
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  });
}

function encrypted(key: Buffer, bytes: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function decrypted(key: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}
