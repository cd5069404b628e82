import type { ZipSource } from '../../contracts/proofs/zip.ts';

/** A zip that a person has chosen, read where it is on their disk. */
export function sourceOf(file: Blob): ZipSource {
  return {
    size: file.size,
    read: async (at, length) => new Uint8Array(await file.slice(at, at + length).arrayBuffer()),
    stream: (at, length) => partsOf(file.slice(at, at + length).stream()),
    inflate: (packed) => partsOf(streamOf(packed).pipeThrough(new DecompressionStream('deflate-raw'))),
  };
}

/** The parts of a stream, as not every browser gives them by itself. */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined); // of one that failed; whoever reads has been told
  }
}

function streamOf(parts: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = parts[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel: async () => void (await iterator.return?.()),
  });
}
