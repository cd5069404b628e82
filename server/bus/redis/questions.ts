import { Failure } from '../../../contracts/failures.ts';
import { newId } from '../../ids.ts';
import type { InstanceId, Serving } from '../bus.ts';
import type { Connection } from './connection.ts';
import { bodyKey, channelOf } from './keys.ts';
import type { Liveness } from './liveness.ts';
import type { Sealing } from './sealing.ts';

const ANSWER_WITHIN_MS = 5_000;
/** What is longer does not go through the channel, where it would hold up everything else and could cost the asked instance its ear. */
const CARRIED_FROM = 64 * 1024;
const CARRIED_SECONDS = 30;

interface Asked {
  readonly owner: InstanceId;
  settle(answer: { ok: true; value: unknown } | { ok: false; cause: unknown }): void;
}

export interface QuestionsParts {
  readonly connection: Connection;
  readonly liveness: Liveness;
  readonly between: Sealing;
  readonly me: InstanceId;
  report(sentence: string, error?: unknown): void;
}

/** Questions to other instances, and theirs to this one. */
export class Questions {
  readonly #parts: QuestionsParts;
  readonly #asked = new Map<string, Asked>();
  answer: Serving['answer'] | undefined;

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  async ask(owner: InstanceId, question: unknown): Promise<unknown> {
    const id = newId();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const settle: Asked['settle'] = (answer) => {
      this.#asked.delete(id);
      clearTimeout(timer);
      if (answer.ok) resolve(answer.value);
      else reject(new Failure('outcome-unknown', { cause: answer.cause }));
    };
    const timer = setTimeout(() => settle({ ok: false, cause: new Error('no answer in time') }), ANSWER_WITHIN_MS);
    this.#asked.set(id, { owner, settle });
    this.#say(owner, 'ask', id, JSON.stringify(question), this.#parts.me).then(
      (isHeard) => isHeard || settle({ ok: false, cause: new Error('the instance is gone') }),
      (error: unknown) => settle({ ok: false, cause: error }), // it may have been said
    );
    return promise;
  }

  /** `id from sealed`: a question to this instance. */
  async heardQuestion(line: string): Promise<void> {
    const [id, from, body] = line.split(' ') as [string, string, string];
    if (this.answer === undefined) return;
    try {
      const answer = await this.answer(JSON.parse(await this.#open(body, `ask/${id}`)));
      await this.#say(from, 'answer', id, JSON.stringify({ ok: true, value: answer }));
    } catch (error) {
      this.#parts.report('A question of another instance could not be answered.', error);
      await this.#say(from, 'answer', id, JSON.stringify({ ok: false })).catch(() => undefined); // then it waits in vain for as long as it must
    }
  }

  /** `id me sealed`: an answer. */
  async heardAnswer(line: string): Promise<void> {
    const [id, , body] = line.split(' ') as [string, string, string];
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    try {
      const answer = JSON.parse(await this.#open(body, `answer/${id}`)) as { ok: boolean; value?: unknown };
      asked.settle(answer.ok ? { ok: true, value: answer.value } : { ok: false, cause: new Error('the instance could not answer') });
    } catch (error) {
      asked.settle({ ok: false, cause: error });
    }
  }

  /** With each beat: whoever died will not answer. */
  async check(): Promise<void> {
    const owners = [...new Set([...this.#asked.values()].map(({ owner }) => owner))];
    if (owners.length === 0) return;
    const living = await this.#parts.liveness.living(owners);
    for (const { owner, settle } of this.#asked.values()) if (!living.has(owner)) settle({ ok: false, cause: new Error('the instance is gone') });
  }

  end(): void {
    for (const { settle } of this.#asked.values()) settle({ ok: false, cause: new Error('this instance is leaving') });
  }

  /** False when it is known that nobody has heard it. */
  async #say(to: InstanceId, kind: 'ask' | 'answer', id: string, text: string, from: InstanceId = this.#parts.me): Promise<boolean> {
    const { connection, between } = this.#parts;
    let body = between.seal(text, `${kind}/${id}`);
    if (body.length > CARRIED_FROM) {
      await connection.send('SET', bodyKey(`${kind}:${id}`), body, 'EX', CARRIED_SECONDS);
      body = '@';
    }
    const said = connection.send('PUBLISH', channelOf(to), `${kind}\n${id} ${from} ${body}`);
    const [listeners, living] = await Promise.all([said, kind === 'ask' ? this.#parts.liveness.hasLease(to) : true]);
    return living && (connection.isCluster || Number(listeners) > 0); // a node of a cluster counts its own listeners only
  }

  async #open(body: string, place: string): Promise<string> {
    const { connection, between } = this.#parts;
    const sealed = body === '@' ? await connection.send('GETDEL', bodyKey(place.replace('/', ':'))) : body;
    return between.open(String(sealed), place);
  }
}
