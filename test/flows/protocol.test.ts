import fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { DEMO, newAccount, Tab } from '../support/tab.ts';

interface Schema {
  $schema?: string;
  readonly version: number;
  readonly $defs: Record<string, object>;
}

let server: TestServer;
let schema: Schema;
beforeAll(async () => {
  server = await newServer();
  schema = (await (await fetch(`${server.url}/api/protocol.json`)).json()) as Schema;
});
afterAll(() => server[Symbol.asyncDispose]());

/** Asks an independent validator (Ajv, as Fastify brings it) whether each of these is a `name`. */
async function fits(name: string, values: readonly unknown[]): Promise<boolean[]> {
  const { $defs } = schema;
  const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, strict: false } } });
  app.post('/', { schema: { body: { $defs, $ref: `#/$defs/${name}` } }, handler: () => 'fits' });
  const replies = await Promise.all(values.map((value) => app.inject({ method: 'POST', url: '/', payload: value as object })));
  await app.close();
  return replies.map((reply) => reply.statusCode === 200);
}

const send = (): Command => ({ type: 'turn.send', commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: 'x', files: [], model: DEMO, mode: 'queue' });

it('an author of another client is given the shapes without signing in, and the description of the routes says where', async () => {
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(Object.keys(schema.$defs)).toEqual(expect.arrayContaining(['Command', 'Answer', 'ConversationEvent', 'Conversation', 'Message', 'ChatRecord', 'AuditRecord', 'Actor', 'KeptRecord']));
  const named = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/gu)].map((match) => match[1] as string);
  expect(named.filter((name) => !Object.hasOwn(schema.$defs, name))).toEqual([]);
  const api = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as { info: { description: string } };
  expect(api.info.description).toContain('/api/protocol.json');
});

it('the shapes tell a command from what is none', async () => {
  const broken = [{ ...send(), type: 'turn.hack' }, { ...send(), admin: true }, { ...send(), text: undefined }, { ...send(), commandId: '../../etc' }, { ...send(), mode: 'now' }, { type: 'turn.stop' }, {}];
  expect(await fits('Command', [send(), { type: 'conversation.delete', commandId: newId(), conversation: newId() }, ...broken])).toEqual([true, true, ...broken.map(() => false)]);
  const types = Command.options.map((option) => option.shape.type.value);
  expect(types.filter((type) => !JSON.stringify(schema.$defs['Command']).includes(`"${type}"`))).toEqual([]);
});

it('the shapes fit what the server really says', async () => {
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const events: unknown[] = [];
  tab.socket.on('e', (_alias, _epoch, _seq, event) => events.push(event));
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  const answers = [await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, pinned: true }), await tab.ask({ ...send(), parent: newId<MessageId>() } as Command)];
  expect(await fits('Answer', answers)).toEqual([true, true]);
  expect(events.length).toBeGreaterThan(1);
  expect(await fits('ConversationEvent', events)).toEqual(events.map(() => true));
  expect(await fits('Conversation', [tab.view?.conversation])).toEqual([true]);
  expect(await fits('Message', tab.view?.messages ?? [])).toEqual([true, true]);
});
