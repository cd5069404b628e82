/** What the client does next: send it again by itself never happens; `retry` offers it to the person. */
export type Then = 'retry' | 'wait' | 'reload' | 'sign-in' | 'change' | 'give-up';

/**
 * Every way in which a request can end badly. Codes are wire format: add, never rename.
 * `text` is the sentence a person reads when the place it is shown in has no better words.
 */
export const FAILURES = {
  'record-unavailable': { status: 503, then: 'retry', text: 'The record could not be written, so nothing was done.' },
  'outcome-unknown': { status: 202, then: 'wait', text: 'Finding out whether it was saved. You need not send it again.' },
  'bus-unavailable': { status: 503, then: 'retry', text: 'Not connected to the other servers. Nothing was done.' },
  'moved-on': { status: 409, then: 'change', text: 'The conversation has moved on. Nothing was done.' },
  'position-gone': { status: 410, then: 'reload', text: 'Too much has happened since; the conversation is loaded again.' },
  'session-ended': { status: 401, then: 'sign-in', text: 'Please sign in again.' },
  'sign-in-refused': { status: 401, then: 'change', text: 'The e-mail address or the password is not right.' },
  'registration-closed': { status: 403, then: 'give-up', text: 'New accounts are made by the administrator here.' },
  'code-needed': { status: 403, then: 'change', text: 'Enter the code that was printed where the server was started.' },
  'address-taken': { status: 409, then: 'change', text: 'There is already an account with this e-mail address.' },
  'not-permitted': { status: 403, then: 'give-up', text: 'You may not do this.' },
  'not-found': { status: 404, then: 'give-up', text: 'There is nothing here. It was deleted, or it belongs to someone else.' },
  'erased': { status: 410, then: 'give-up', text: 'This conversation was deleted.' },
  'invalid-command': { status: 400, then: 'change', text: 'This could not be understood, so nothing was done.' },
  'foreign-origin': { status: 403, then: 'give-up', text: 'This request came from another site, so nothing was done.' },
  'too-large': { status: 413, then: 'change', text: 'This is larger than allowed here.' },
  'uploads-full': { status: 429, then: 'change', text: 'Too many images wait to be sent. Send some of them, or wait a day.' },
  'unreadable-file': { status: 415, then: 'change', text: 'This kind of file cannot be read.' },
  'site-closed': { status: 403, then: 'give-up', text: 'This chat is closed.' },
  'identity-refused': { status: 401, then: 'give-up', text: 'The site could not say who you are, so nothing was done.' },
  'challenge-needed': { status: 403, then: 'retry', text: 'Your browser has to do a little work first. Try again.' },
  'rate-limited': { status: 429, then: 'retry', text: 'That was a lot at once. Wait a moment, then try again.' },
  'day-used-up': { status: 429, then: 'retry', text: 'That was a lot for one day. Your conversation stays here, and you can go on later.' },
  'queue-full': { status: 429, then: 'change', text: 'The queue is full. Wait for a reply, or remove something from it.' },
  'budget-used-up': { status: 402, then: 'give-up', text: 'This chat has answered as much as it may today.' },
  'model-unknown': { status: 422, then: 'change', text: 'This model is not available to you. Choose another one.' },
  'provider-key-missing': { status: 422, then: 'change', text: 'There is no key for this provider yet. Add one in Settings.' },
  'provider-key-refused': { status: 502, then: 'change', text: 'The provider refused the key.' },
  'provider-busy': { status: 503, then: 'retry', text: 'The provider is busy.' },
  'provider-unreachable': { status: 502, then: 'retry', text: 'The provider could not be reached.' },
  'provider-refused': { status: 502, then: 'change', text: 'The provider did not accept the request.' },
  'provider-broke-off': { status: 502, then: 'retry', text: 'The connection to the model broke off.' },
  'content-refused': { status: 422, then: 'change', text: 'The model declined to answer this.' },
  'context-too-long': { status: 422, then: 'change', text: 'This conversation is too long for the model.' },
  'output-limit': { status: 200, then: 'retry', text: 'The reply reached its length limit.' },
  'turn-limit': { status: 504, then: 'retry', text: 'The reply took too long and was ended.' },
  'server-restarted': { status: 503, then: 'retry', text: 'The server was restarted while this reply was being written.' },
  'server-busy': { status: 503, then: 'retry', text: 'The server is busy. Nothing was done.' },
  'client-outdated': { status: 426, then: 'reload', text: 'This page is older than the server. Reload it.' },
  'internal': { status: 500, then: 'retry', text: 'The server made a mistake. It was noted; what you wrote is kept.' },
} as const satisfies Record<string, { status: number; then: Then; text: string }>;

export type FailureCode = keyof typeof FAILURES;

export const FAILURE_CODES = Object.keys(FAILURES) as FailureCode[];

/** What a refused person is told: a code of the table, and words only where they say more than the table's own. */
export interface Refusal {
  readonly code: FailureCode;
  readonly text?: string | undefined;
  /** Milliseconds until trying again makes sense. */
  readonly retryAfterMs?: number | undefined;
}

/** A fact that ends a request. Thrown where it is known, translated for people at exactly two places: the HTTP and the socket edge. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(code: FailureCode, options: { cause?: unknown; detail?: string | undefined; retryAfterMs?: number | undefined } = {}) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The refusal that a failure means. Anything that is not a `Failure` is `internal`: its text may hold what nobody should read. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Failure)) return { code: 'internal' };
  return {
    code: error.code,
    ...(error.detail === undefined ? {} : { text: error.detail }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}
