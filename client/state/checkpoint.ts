import { msg } from '@lit/localize';
import type { ReactiveControllerHost } from 'lit';
import { Failure } from '../../contracts/failures.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import type { Place } from './address.ts';
import { Answer } from './answer.ts';
import { RetentionList } from './retention.ts';

/** The log over all records, its copies outside, and what was erased, as they were when their page was looked at last. */
export class SealedRecords {
  readonly checkpoint: Answer<RouteReply<'logCheckpoint'>>;
  readonly copies: Answer<RouteReply<'logCopies'>>;
  readonly witnesses: Answer<RouteReply<'logWitnesses'>>;
  /** Where the audit log is sent on to. */
  readonly feeds: Answer<RouteReply<'auditFeeds'>>;
  readonly masterKey: Answer<RouteReply<'masterKey'>>;
  readonly retention: RetentionList;
  readonly #ask: typeof call;

  constructor(host: ReactiveControllerHost, ask: typeof call) {
    this.checkpoint = new Answer(host, () => readCheckpoint(ask));
    this.#ask = ask;
    this.copies = new Answer(host, () => ask('logCopies'));
    this.witnesses = new Answer(host, () => ask('logWitnesses'));
    this.feeds = new Answer(host, () => ask('auditFeeds'));
    this.masterKey = new Answer(host, () => ask('masterKey'));
    this.retention = new RetentionList(host, ask);
  }

  read(): void {
    void this.checkpoint.read();
    void this.copies.read();
    void this.witnesses.read();
    void this.feeds.read();
    void this.masterKey.read();
  }

  /** Makes the next key that checkpoints are signed with. The first checkpoint that it has signed comes with the next record. */
  async changeKey(): Promise<void> {
    await this.#ask('changeLogKey');
    this.read();
  }

  /** What this page shows of it is read. */
  look(view: Place['view']): void {
    if (view === 'records') this.read();
    if (view === 'retention') void this.retention.kept.read();
  }

  clear(): void {
    this.checkpoint.clear();
    this.copies.clear();
    this.witnesses.clear();
    this.feeds.clear();
    this.masterKey.clear();
    this.retention.kept.clear();
  }
}

/** The last checkpoint of the log over all records. In the first seconds of a deployment there is none, which is said as that. */
export async function readCheckpoint(ask: typeof call): Promise<RouteReply<'logCheckpoint'>> {
  try {
    return await ask('logCheckpoint');
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-found') throw new Failure('not-found', { cause: error, detail: msg('Nothing was sealed yet. It takes a few seconds.') });
    throw error;
  }
}
