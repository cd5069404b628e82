import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { newServerProcess } from '../support/process.ts';
import { newAccount, Tab } from '../support/tab.ts';

const QUESTION = 'canary-of-the-question';
const REPLY = 'canary-of-the-reply';
const KEY = 'sk-canary-of-the-key';
const COOKIE = 'canary-of-the-cookie';
const TOKEN = 'canary-of-the-metrics';
const MODEL = 'openai/gpt-5' as ModelId;

/** Sends bytes as they are, and waits until the server hangs up. */
async function sendRaw(url: string, bytes: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(bytes);
  await once(socket, 'close');
}

it('whatever the level of the log, it holds no text, no key, no cookie and no token, also where things go wrong', async () => {
  await using provider = await newFakeProvider(({ question }) => (question.includes('wrong') ? { status: 400, message: `${QUESTION} ${KEY} ${REPLY}`, code: 'invalid_prompt' } : { text: `${REPLY} to ${question}` }));
  await using server = await newServerProcess(undefined, { LOG_LEVEL: 'trace', OPENAI_API_KEY: KEY, OPENAI_MODELS: 'gpt-5', OPENAI_REVERSE_PROXY: `${provider.url}/v1`, METRICS_TOKEN: TOKEN });
  const account = await newAccount(server.url, 'canary@example.org', 'canary-of-the-password');
  await using tab = await new Tab(account).ready();
  await tab.begin(QUESTION, { model: MODEL });
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread.join()).toContain(`${REPLY} to ${QUESTION}`);
  await tab.send(`${QUESTION}, and wrong`, { model: MODEL });
  await tab.until(() => tab.thread.length === 4 && tab.view?.turn === null);
  expect(tab.thread.at(-1)).toContain('[failed]');

  const cookie = `${account.cookie}; other=${COOKIE}`;
  await fetch(`${server.url}/api/${QUESTION}`, { headers: { cookie, authorization: `Bearer ${TOKEN}` } });
  await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json', origin: server.url, cookie }, body: `{"password": "${COOKIE}` });
  await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  await sendRaw(server.url, `NONSENSE / HTTP/9.9\r\ncookie: ${cookie}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  await server.signal('SIGTERM');
  expect(server.output).toContain('client error'); // the log was on
  expect(server.output).not.toContain('canary');
  expect(server.output).not.toContain([...Buffer.from('canary')].join(',')); // as bytes are written
  expect(server.output).not.toContain(account.cookie.split('=')[1]);
});
