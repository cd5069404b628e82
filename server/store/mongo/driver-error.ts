import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';

const DUPLICATE_KEY = 11_000;
/** No primary for a moment or another one, a server that ends or has begun, a cursor that went with the one before, collections that are being laid out, a majority that does not answer in time. */
const PASSING_IN_READING = new Set([6, 7, 43, 50, 89, 91, 134, 189, 202, 246, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** Whether an id was taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** The connection broke, or nobody answered. */
export function isDisconnected(error: unknown): boolean {
  return error instanceof MongoNetworkError || error instanceof MongoServerSelectionError;
}

/** Whether a read that is begun again from its beginning, outside of a transaction, may well go through. */
export function isPassingInReading(error: unknown): boolean {
  return isDisconnected(error) || (error instanceof MongoServerError && PASSING_IN_READING.has(Number(error.code)));
}

/** Whether the driver has put this label on an error. */
export function hasLabel(error: unknown, label: 'TransientTransactionError' | 'UnknownTransactionCommitResult'): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

/** What a driver's error says, without the documents that it carries: causes are logged, and plain words may be in those. */
export function causeOf(error: unknown): Error {
  if (!(error instanceof MongoError)) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${error.name}${error.code === undefined ? '' : ` ${error.code}`}: ${error.message}`);
}
