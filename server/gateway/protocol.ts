import { Answer, Command } from '../../contracts/commands.ts';
import { Conversation, Message } from '../../contracts/conversation.ts';
import { ConversationEvent } from '../../contracts/events.ts';
import { Actor, AuditRecord, ChatRecord, KeptRecord } from '../../contracts/records.ts';
import { PROTOCOL_VERSION } from '../../contracts/socket.ts';
import { z } from '../../contracts/zod.ts';

/** Where it is served, for anybody. */
export const PROTOCOL_PATH = '/api/protocol.json';

const SHAPES = { Command, Answer, ConversationEvent, Conversation, Message, ChatRecord, AuditRecord, Actor, KeptRecord };

const DESCRIPTION = `What crosses the websocket and what stands in the records, for authors of other clients. Emit \`command\` with a Command; it is acknowledged with an Answer. \
\`open\` with { conversation, position } is acknowledged with the events after that position or with everything as it is; each ConversationEvent then comes with its position. \
Routes over HTTP are described in /api/openapi.json.`;

/** The shapes of the protocol as one JSON Schema document (2020-12), each under `$defs` by its name. Fields may be added to what the server sends without a new version. */
export function protocolSchema(): object {
  const { $schema, $defs = {}, properties = {} } = z.toJSONSchema(z.object(SHAPES), { io: 'input' });
  const unnamed = Object.entries(properties).filter(([name]) => !Object.hasOwn($defs, name));
  return { $schema, title: 'GoRunChat protocol', description: DESCRIPTION, version: PROTOCOL_VERSION, $defs: { ...$defs, ...Object.fromEntries(unnamed) } };
}
