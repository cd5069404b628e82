import { newBigQueryServer } from '../../support/bigquery-server.ts';
import { newReceiver, newSyslogServer } from '../../support/event-receiver.ts';
import { newStorageServer } from '../../support/storage-server.ts';
import { serveParent } from '../child.ts';

/** Where the far ends of a deployment's copies and feeds are. */
export interface FarEnds {
  readonly storage: string;
  readonly bigquery: string;
  readonly webhook: string;
  readonly syslog: string;
}

/** How much each of them was given: requests, and messages. */
export type Taken = Record<keyof FarEnds, number>;

/** What stands outside of a deployment: a bucket, a dataset, and the two receivers of its audit log. A process of its own, as in the world they are on other machines. */
await using stack = new AsyncDisposableStack();
const storage = stack.use(await newStorageServer());
const bigquery = stack.use(await newBigQueryServer());
const webhook = stack.use(await newReceiver());
const syslog = stack.use(await newSyslogServer());
const ends = stack.move();

serveParent(
  {
    start: (): FarEnds => ({ storage: storage.url, bigquery: bigquery.url, webhook: webhook.url, syslog: syslog.address }),
    taken: (): Taken => ({
      storage: storage.asked.filter((what) => what === 'upload').length,
      bigquery: bigquery.asked.filter((what) => what === 'insert').length,
      webhook: webhook.requests.length,
      syslog: syslog.messages.length,
    }),
  },
  () => ends.disposeAsync(),
);
