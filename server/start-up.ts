import { hostname, userInfo } from 'node:os';
import { Failure, FAILURES } from '../contracts/failures.ts';

/** How long the end may take, besides handing over. Everything that was answered is durable long before, so a process that hangs is ended all the same. */
export const END_WITHIN_MS = 10_000;

/** Something that the person who starts the product can put right. Its message is all that they need. */
export class CannotStart extends Error {
  constructor(cause: unknown, sentence?: string) {
    super(sentence ?? wordsOf(cause), { cause });
    this.name = 'CannotStart';
  }

  static because(this: void, error: unknown): never {
    throw new CannotStart(error);
  }

  /** Of settings that may differ from those that are on record. */
  static unrecorded(this: void, error: unknown): never {
    if (!(error instanceof Failure)) throw error;
    throw new CannotStart(error, 'Its settings are not those that are on record, or that could not be found out, and no others apply before they are there. Nothing was changed. Start it again once the database can be read and written; on a full disk make room first.');
  }

  /** Says it on the terminal, without a stack, and lets the process end with code 1. Anything else is thrown again: it is a mistake of ours. */
  static say(this: void, error: unknown): undefined {
    if (!(error instanceof CannotStart)) throw error;
    process.stderr.write(`GoRunChat cannot start: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** What an error says. Of a failure without a sentence of its own that is a code, so it is what the code means, and what caused it, which says what to look at. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Failure)) return error instanceof Error ? error.message : String(error);
  if (error.detail !== undefined) return error.detail;
  const said: string[] = [];
  for (let { cause } = error as Error; cause instanceof Error; { cause } = cause) if (!said.some((one) => one.includes((cause as Error).message))) said.push(cause.message);
  const { text } = FAILURES[error.code];
  return said.length === 0 ? text : `${text} ${said.join(': ')}`;
}

/** Who uses this machine, as it says: nobody is signed in at the product there. A user without a name, as in some containers, is a number. */
export function whoAsks(): string {
  return `${userName()} at ${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** What kept the product from starting: `CannotStart` where it is known what to do about it, else the error itself. */
export function reasonOf(error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  switch (codeOf(error) ?? '') {
    case 'EADDRINUSE':
      return new CannotStart(error, `Port ${port} is in use at ${host}. Stop what uses it, or choose another port: PORT=${port + 1}`);
    case 'EACCES':
      return new CannotStart(error, `This user may not use port ${port}. Choose one above 1023: PORT=3080`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CannotStart(error, `This machine has no address ${host}. Choose another one: HOST=127.0.0.1, or HOST=0.0.0.0 for all that it has`);
    default:
      return error;
  }
}

/** Ends the process with code 0 after a signal, and with code 1 and a sentence when the product has to end, once everything is put away. Further signals change nothing. */
export function endWith(running: { readonly over: Promise<string>; close(): Promise<void> }, handOverMs: number): void {
  let isEnding = false;
  const end = (code: number): void => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), END_WITHIN_MS + handOverMs).unref();
    running.close().then(() => process.exit(code), (error: unknown) => {
      process.stderr.write(`GoRunChat did not end well: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
  void running.over.then((sentence) => {
    process.stderr.write(`GoRunChat ends: ${sentence}\n`);
    end(1);
  });
}

/** Of what the operating system refused when the server wanted to listen. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string')) return undefined;
  return error.syscall === 'listen' || error.syscall === 'getaddrinfo' ? error.code : undefined;
}
