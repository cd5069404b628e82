import type { FastifyReply } from 'fastify';

/** Answers with the bytes of somebody's file, which runs nothing wherever it is opened. `keptFor`: how many seconds the browser that asked may keep it. */
export function sendFile(reply: FastifyReply, { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Uint8Array }, keptFor = 0): FastifyReply {
  if (keptFor > 0) void reply.header('cache-control', `private, max-age=${keptFor}, immutable`);
  return reply.type(mediaType).header('content-security-policy', "default-src 'none'; sandbox").send(bytes);
}
