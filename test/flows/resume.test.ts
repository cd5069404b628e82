import { expect, it } from 'vitest';
import { NOWHERE } from '../../contracts/position.ts';
import type { Opened } from '../../contracts/socket.ts';
import { fold, OutOfStep, type ConversationView } from '../../contracts/view.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

const ask = (tab: Tab, conversation: ConversationId, position = NOWHERE): Promise<Opened> => new Promise((resolve) => tab.socket.emit('open', { conversation, position }, resolve));

it('[RS1] a tab that was away in the middle of a reply gets exactly what it missed, in one frame', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using staying = await new Tab(account).ready();
  const conversation = await staying.begin('Show me code and a table');
  await staying.until(() => staying.shown.length > 20);
  const left = staying.view as ConversationView;
  await staying.until(() => (staying.view?.position.seq ?? 0) > left.position.seq + 1);
  await using back = await new Tab(account).ready();
  const opened = await ask(back, conversation, left.position);
  if (!opened.ok || !('events' in opened)) throw new Error('expected the missing events');
  expect(opened.events[0]?.[1]).toBe(left.position.seq + 1);
  const caughtUp = opened.events.reduce((view, [epoch, seq, event]) => fold(view, event, { epoch, seq }), left);
  await staying.until(() => staying.view?.turn === null);
  expect(staying.thread[1]).toContain(caughtUp.turn === null ? '' : caughtUp.turn.reply.parts.map((part) => ('text' in part ? part.text : '')).join(''));
});

it('[RS2] a position of another epoch, or one the log never had, gets the whole view', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null);
  const { epoch, seq } = tab.view!.position;
  for (const position of [NOWHERE, { epoch: epoch + 1, seq: 0 }, { epoch: epoch - 1, seq }, { epoch, seq: seq + 5 }]) {
    expect(await ask(tab, conversation, position)).toMatchObject({ ok: true, view: { position: { epoch } } });
  }
});

it('[OR2] a tab that misses an event notices, asks again, and ends up with the same thread', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using lossy = await new Tab(account).ready();
  await using steady = await new Tab(account).ready();
  const conversation = await lossy.begin('Show me code');
  await steady.open(conversation);
  await lossy.until(() => lossy.shown.length > 10);
  const before = lossy.resumes;
  const listeners = lossy.socket.listeners('t');
  lossy.socket.off('t');
  await new Promise<void>((resolve) => lossy.socket.once('t', () => resolve()));
  for (const listener of listeners) lossy.socket.on('t', listener);
  await lossy.until(() => lossy.view?.turn === null && lossy.view.messages.length === 2);
  await steady.until(() => steady.view?.turn === null && steady.view.messages.length === 2);
  expect(lossy.resumes).toBeGreaterThan(before);
  expect(lossy.thread).toEqual(steady.thread);
});

it('[OR4] a reply that a tab has counted otherwise is not taken as the same', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.turn?.phase === 'streaming');
  const view = tab.view as ConversationView;
  const end = { type: 'turn-end' as const, turn: view.turn!.id, outcome: { kind: 'completed' as const }, tookMs: 1, length: 1_000_000 };
  expect(() => fold(view, end, { epoch: 1, seq: 99 })).toThrow(OutOfStep);
});

it('[RS3] a hidden tab is sent no text and is given the whole view when it is shown; a stalled one holds up nobody and catches up', async () => {
  await using server = await newServer({ config: { demoWordsPerSecond: 5_000 } });
  const account = await newAccount(server.url);
  await using hidden = await new Tab(account).ready();
  await using stalled = await new Tab(account).ready();
  await using steady = await new Tab(account).ready();
  const conversation = await steady.begin('Hello');
  await steady.until(() => steady.view?.turn === null);
  await hidden.open(conversation);
  await stalled.open(conversation);
  let deltas = 0;
  hidden.socket.on('t', () => (deltas += 1));
  hidden.socket.emit('hidden', true);
  const raw = (stalled.socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
  await ask(hidden, conversation, hidden.view!.position);
  raw.pause();
  await steady.send('Write something long');
  await steady.until(() => steady.view?.messages.length === 4 && steady.view.turn === null);
  expect(deltas).toBe(0);
  raw.resume();
  hidden.socket.emit('hidden', false);
  await hidden.until(() => hidden.view?.messages.length === 4);
  await stalled.until(() => stalled.view?.messages.length === 4);
  expect(hidden.thread).toEqual(steady.thread);
  expect(stalled.thread).toEqual(steady.thread);
});
