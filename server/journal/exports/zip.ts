import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Source } from './pieces.ts';

/** A file that goes into a zip; what it is made of is asked for when it is its turn. */
export interface Entry {
  readonly path: string;
  /** Not of what is small already. */
  readonly compress: boolean;
  source(): Source;
}

/** A zip that is made as it is read, one file after another; the same each time for the same files. What fails in a source ends it as a failure, and never as a whole zip. */
export function zipOf(entries: readonly Entry[], at: number): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const fail = (error: Error): void => void output.destroy(error);
  zip.on('error', fail);
  for (const { path, compress, source } of entries) {
    zip.addReadStreamLazy(path, { mtime: new Date(at), compress }, (give) => give(null, Readable.from(source(), { objectMode: false }).on('error', fail)));
  }
  zip.end();
  return output;
}
