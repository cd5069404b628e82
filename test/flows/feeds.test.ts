import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { AuditFeed } from '../../contracts/records.ts';
import type { z } from '../../contracts/zod.ts';
import type { FeedSettings } from '../../server/config.ts';
import type { OcsfEvent } from '../../server/journal/ocsf.ts';
import { newDatagramServer, newReceiver, newSyslogServer, type Receiver } from '../support/event-receiver.ts';
import { freePort } from '../support/process.ts';
import { ask } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, type Account } from '../support/tab.ts';
import { until } from '../support/until.ts';

const SECRET = 'shared with the receiver';
const feeds = (settings: Partial<FeedSettings>) => ({ config: { feeds: { webhook: undefined, syslog: undefined, ...settings } } });
const eventsAt = ({ requests }: Receiver): OcsfEvent[] => requests.flatMap(({ body }) => JSON.parse(body) as OcsfEvent[]);
const numbersOf = (events: readonly OcsfEvent[]): unknown[] => events.map(({ unmapped }) => unmapped['number']);
const stateOf = async (admin: Account): Promise<z.infer<typeof AuditFeed>> => (await ask<{ feeds: z.infer<typeof AuditFeed>[] }>(admin, 'auditFeeds')).feeds[0]!;

it('[RE12] the audit log is sent on to a webhook from its first entry, in order, signed, each once while nothing fails, also over a restart', async () => {
  await using receiver = await newReceiver();
  await using server = await newServer(feeds({ webhook: { url: receiver.url, secret: SECRET } }));
  const admin = await newAccount(server.url, 'mara@example.org');
  await expect(signIn(server.url, 'mara@example.org', 'wrong horse')).rejects.toThrow('401');
  await until(() => eventsAt(receiver).some(({ metadata }) => metadata.event_code === 'sign-in-refused'));
  await server.restart();
  await ask(admin, 'settings', {}, { theme: 'dark' });
  await until(() => eventsAt(receiver).some(({ metadata }) => metadata.event_code === 'settings-changed'));
  const events = eventsAt(receiver);
  expect(numbersOf(events)).toEqual(events.map((_, index) => index + 1));
  const named = (type: string) => events.find(({ metadata }) => metadata.event_code === type);
  expect(named('signed-in')).toMatchObject({ class_uid: 3002, category_uid: 3, activity_id: 1, type_uid: 300_201, status_id: 1, user: { uid: admin.person.id }, src_endpoint: { ip: '127.0.0.1' }, metadata: { version: '1.6.0', uid: `audit:${String(named('signed-in')?.unmapped['number'])}:${named('signed-in')?.time}` } });
  expect(named('sign-in-refused')).toMatchObject({ class_uid: 3002, status_id: 2, severity_id: 3, user: { email_addr: 'mara@example.org' } });
  expect(named('account-made')).toMatchObject({ class_uid: 3001, activity_id: 1, user: { email_addr: 'mara@example.org' } });
  for (const { body, headers } of receiver.requests) {
    const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/u.exec(String(headers['x-gorunchat-signature']))!;
    expect(createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex')).toBe(signature);
  }
  await until(async () => (await stateOf(admin)).sent === events.length);
  expect(await stateOf(admin)).toEqual({ place: receiver.url.replace(/\?.*/u, ''), sent: events.length, of: events.length, isFailing: false });
});

it('[RE12] a receiver that refuses, sends elsewhere or whose answer is lost stops nothing: what it did not take comes later, none is left out, and the administrator sees it', async () => {
  await using receiver = await newReceiver();
  receiver.answers.push(503, 302, 'lost');
  await using server = await newServer(feeds({ webhook: { url: receiver.url, secret: undefined } }));
  const admin = await newAccount(server.url, 'mara@example.org');
  await until(async () => (await stateOf(admin)).isFailing);
  await ask(admin, 'settings', {}, { theme: 'dark' });
  await until(async () => !(await stateOf(admin)).isFailing && (await stateOf(admin)).sent === (await stateOf(admin)).of);
  const { of } = await stateOf(admin);
  const numbers = numbersOf(eventsAt(receiver));
  expect([...new Set(numbers)]).toEqual(Array.from({ length: of }, (_, index) => index + 1));
  expect(numbers.length).toBeGreaterThan(of); // the batch whose answer was lost came again, under the same ids
});

it('[RE12] syslog carries the same, as RFC 5424 says, over TCP from the first entry also where nobody listened at first', async () => {
  const port = await freePort();
  await using server = await newServer(feeds({ syslog: `tcp://127.0.0.1:${port}` }));
  const admin = await newAccount(server.url, 'mara@example.org');
  await until(async () => (await stateOf(admin)).isFailing);
  await using syslog = await newSyslogServer(port);
  await ask(admin, 'rename', {}, { name: 'Zoë ”]“ Ж' });
  await until(() => syslog.messages.some((message) => message.includes('person-renamed')));
  const lines = syslog.messages.map((message) => /^<(\d+)>1 (\S+) \S+ gorunchat \d+ (\S+) \[audit@32473 uid="audit:(\d+):\d+"\] \uFEFF(.*)$/u.exec(message)!);
  expect(lines.map(([, , , , number]) => Number(number))).toEqual(lines.map((_, index) => index + 1));
  for (const [, , time, type, , json] of lines) {
    const event = JSON.parse(json!) as OcsfEvent;
    expect([Date.parse(time!), type]).toEqual([event.time, event.metadata.event_code]);
  }
  expect(lines.find(([, , , type]) => type === 'person-renamed')?.[5]).toContain('Zoë ”]“ Ж');
  expect(new Set(lines.map(([, priority]) => priority))).toEqual(new Set(['108', '109']));
});

it('[RE12] and as datagrams', async () => {
  await using syslog = await newDatagramServer();
  await using server = await newServer(feeds({ syslog: syslog.address }));
  await newAccount(server.url, 'mara@example.org');
  await until(() => syslog.messages.some((message) => message.includes('signed-in')));
  expect(syslog.messages[0]).toMatch(/^<10[89]>1 /u);
});

it('[RE12] a receiver that is not there keeps the product from nothing, not even from ending', async () => {
  const port = await freePort();
  await using server = await newServer(feeds({ webhook: { url: `http://127.0.0.1:${port}/`, secret: undefined }, syslog: `tcp://127.0.0.1:${port}` }));
  const admin = await newAccount(server.url, 'mara@example.org');
  await until(async () => (await ask<{ feeds: { isFailing: boolean }[] }>(admin, 'auditFeeds')).feeds.every(({ isFailing }) => isFailing));
  expect(await ask(admin, 'settings', {}, { theme: 'dark' })).toMatchObject({ theme: 'dark' });
});
