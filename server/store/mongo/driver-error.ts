import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';

const DUPLICATE_KEY = 11_000;

/** Whether an id was taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** The connection broke, or nobody answered. */
export function isDisconnected(error: unknown): boolean {
  return error instanceof MongoNetworkError || error instanceof MongoServerSelectionError;
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
