import pino, { type DestinationStream, type Logger } from 'pino';
import { Failure } from '../../contracts/failures.ts';

export type { Logger };

const DEEPEST_CAUSE = 5;
/** Where libraries put what a visitor or a provider has sent. */
const SECRETS = ['err.rawPacket', 'err.headers', 'err.request', 'err.response', 'req.headers.cookie', 'req.headers.authorization', 'headers.cookie', 'headers.authorization'];

/**
 * The log of the product, one JSON object a line. No text that people or models wrote, no key, cookie or token is ever in it, at any level: of an error only what is named
 * below is written, and not even the message where it may quote what was sent or received.
 */
export function openLog(level: string, destination?: DestinationStream): Logger {
  return pino({ level, redact: { paths: SECRETS, censor: '[removed]' }, serializers: { err: said } }, destination ?? pino.destination(1));
}

interface Said {
  readonly type: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly at?: readonly string[];
  readonly cause?: Said;
}

function said(error: unknown, depth = 0): Said {
  if (!(error instanceof Error)) return { type: typeof error, ...codesOf(error) };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /u.test(line)).map((line) => line.trim());
  return {
    type: error.name,
    ...(!mayQuote(error) && { message: error.message }),
    ...codesOf(error),
    ...(frames !== undefined && frames.length > 0 && { at: frames }),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE && { cause: said(error.cause, depth + 1) }),
  };
}

function codesOf(error: unknown): Pick<Said, 'code' | 'status'> {
  const { code, status } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; status?: unknown };
  return { ...((typeof code === 'string' || typeof code === 'number') && { code }), ...(typeof status === 'number' && { status }) };
}

/** Those of the providers' SDKs, which carry the answer's status, may quote it; a failure may hold their words; the JSON parser shows what it could not read. */
function mayQuote(error: Error): boolean {
  return 'status' in error || error instanceof Failure || error instanceof SyntaxError;
}
