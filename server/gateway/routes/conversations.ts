import type { ConversationId, FileId } from '../../../contracts/ids.ts';
import { Failure } from '../../../contracts/failures.ts';
import { NO_MODEL_YET } from '../../conversations/files.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

type ConversationRoutes = Pick<RouteCodes, 'conversations' | 'conversation' | 'search' | 'upload' | 'file'>;

/** Reading conversations, and their files. */
export function conversationRoutes(world: RouteWorld): ConversationRoutes {
  return {
    conversations: async ({ session, query }) => {
      const page = await world.rows.list(session.user, query['archived'] === 'true', query['cursor']);
      return { ...page, notices: world.notices.count(session.user) };
    },
    conversation: async ({ session, params }) => {
      const live = await world.directory.open(params['conversation'] as ConversationId, session.user);
      return { conversation: live.view.conversation, messages: live.view.messages };
    },
    search: ({ session, query }) => world.search(session.user, query['words'] ?? '', query['cursor']),
    upload: (asked) => upload(world, asked),
    file: async ({ session, params, reply }) => {
      const { mediaType, bytes } = await world.files.read(params['file'] ?? '', session.user);
      return reply.type(mediaType).header('cache-control', 'private, max-age=31536000, immutable').header('content-security-policy', "default-src 'none'; sandbox").send(bytes);
    },
  };
}

async function upload(world: RouteWorld, asked: Asked): Promise<unknown> {
  const { session, params, query, body } = asked;
  if (!Buffer.isBuffer(body) || body.length === 0) throw new Failure('unreadable-file');
  const live = await world.directory.open(params['conversation'] as ConversationId, session.user, NO_MODEL_YET);
  return world.files.add(live, { id: query['file'] as FileId, name: query['name'] ?? '', bytes: body }, actorOf(asked.request, session), world.now());
}
