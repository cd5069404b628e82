import type { ConversationId, FileId } from '../../../contracts/ids.ts';
import { Failure } from '../../../contracts/failures.ts';
import { NO_MODEL_YET } from '../../conversations/files.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import { sendFile } from '../send-file.ts';
import type { RouteWorld } from './world.ts';

type ConversationRoutes = Pick<RouteCodes, 'conversations' | 'conversation' | 'search' | 'upload' | 'file'>;

/** A file never changes. */
const A_YEAR_S = 31_536_000;

/** Reading conversations, and their files. */
export function conversationRoutes(world: RouteWorld): ConversationRoutes {
  return {
    conversations: async ({ session, query }) => {
      const notices = await world.notices.count(session.user); // counted first: what is told while the rows are read is not in them for sure
      return { ...(await world.rows.list(session.user, query['archived'] === 'true', query['cursor'])), notices };
    },
    conversation: async ({ session, params }) => {
      const opened = await world.directory.open(params['conversation'] as ConversationId, session.user);
      const { conversation, messages } = await opened.read();
      return { conversation, messages };
    },
    search: ({ session, query }) => world.search(session.user, query['words'] ?? '', query['cursor']),
    upload: (asked) => upload(world, asked),
    file: async ({ session, params, reply }) => sendFile(reply, await world.files.read(params['file'] ?? '', session.user), A_YEAR_S),
  };
}

async function upload(world: RouteWorld, asked: Asked): Promise<unknown> {
  const { session, params, query, body } = asked;
  if (!Buffer.isBuffer(body) || body.length === 0) throw new Failure('unreadable-file');
  const file = { id: query['file'] as FileId, name: query['name'] ?? '', bytes: body };
  return world.directory.addFile(params['conversation'] as ConversationId, NO_MODEL_YET, file, { ...actorOf(asked.request, session), user: session.user });
}
