import type { ReactiveControllerHost } from 'lit';
import type { FindFound, Names, NamesAsked } from '../../contracts/cases.ts';
import type { CaseId, ConversationId, ModelId } from '../../contracts/ids.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import { checkDates, type Whom } from './whom.ts';
import type { call } from '../link/app-api.ts';
import type { LinkListener } from '../link/socket.ts';
import { AccessesController } from './accesses.ts';
import type { Account, Member } from './account.ts';
import { later } from './frame.ts';
import { subjectsMeant } from './cases.ts';

/** What is looked for, as it was written. */
export interface Search {
  readonly type: Whom;
  readonly whom: string;
  readonly from: number | null;
  readonly to: number | null;
  /** Separated by commas; none: whoever replied. */
  readonly models: string;
  readonly words: string;
}

/** What a reviewer looks at, within a case. `begin` says why, before anything else is asked. */
export type Reviewing =
  | { readonly do: 'begin'; readonly reason: string }
  | { readonly do: 'find'; readonly search: Search }
  /** Looks further for the same. */
  | { readonly do: 'go-on' }
  | { readonly do: 'read'; readonly conversation: ConversationId; readonly at: number | null };

/** What a reviewer has looked at for a case in this page, and why. */
export interface Review {
  readonly reason: string;
  readonly names: Names;
  readonly search?: Search;
  readonly results?: RouteReply<'find'>;
}

/** Reads what others wrote, for a case, and who may. Nothing of it is kept when the page is loaded again, or once it may be read no more: then the reason is asked again, too. */
export class ReviewController implements Member {
  readonly accesses: AccessesController;
  readonly listener: LinkListener = { notice: (_, notice) => { if (notice.type === 'access') this.accesses.heard(notice.case); } };
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  readonly #reviews = new Map<CaseId, Review>();

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    this.accesses = new AccessesController(host, { call: parts.call, later, ended: (id) => this.#forget(id) });
  }

  of(id: CaseId | undefined): Review | undefined {
    return id === undefined ? undefined : this.#reviews.get(id);
  }

  signedIn({ person }: Account): void {
    this.accesses.begin(person.id);
  }

  signedOut(): void {
    this.#reviews.clear();
    this.accesses.clear();
  }

  /** Who is here: as it was told for this case already, else asked for now. */
  async namesFor(asked: NamesAsked): Promise<Names> {
    return this.of(asked.case)?.names ?? this.#call('names', { body: asked });
  }

  async run(id: CaseId, asked: Reviewing): Promise<unknown> {
    if (asked.do === 'begin') return this.#begin(id, asked.reason);
    const review = this.#reviews.get(id);
    if (review === undefined) throw new Error('nothing is read without a reason');
    const because = { case: id, reason: review.reason };
    switch (asked.do) {
      case 'find':
        return this.#find(id, review, asked.search);
      case 'go-on':
        return review.search === undefined ? undefined : this.#find(id, review, review.search, review.results);
      case 'read':
        return this.#call('readForCase', { body: { ...because, conversation: asked.conversation, at: asked.at } });
    }
  }

  /** The reason is on record, with the question who is here, before it counts. */
  async #begin(id: CaseId, reason: string): Promise<void> {
    const names = await this.#call('names', { body: { case: id, reason } });
    this.#put(id, { ...this.#reviews.get(id), reason, names });
  }

  /** `before`: what was found so far, to which is added what an answer says there is beside it. */
  async #find(id: CaseId, review: Review, search: Search, before?: FindFound): Promise<void> {
    const { type, whom, from, to, words } = search;
    const of = subjectsMeant(type, whom, review.names);
    checkDates({ of, from, to });
    const models = search.models.split(',').map((one) => one.trim()).filter((one) => one !== '') as ModelId[];
    const after = before?.goesOn?.after;
    const answer = await this.#call('find', { body: { case: id, reason: review.reason, of, from, to, models, words, ...(after !== undefined && { after }) } });
    const results = before === undefined ? answer : { ...answer, found: [...before.found, ...answer.found] };
    if (this.of(id) === review) this.#put(id, { ...review, search, results });
  }

  #forget(id: CaseId): void {
    if (this.#reviews.delete(id)) this.#host.requestUpdate();
  }

  #put(id: CaseId, review: Review): void {
    this.#reviews.set(id, review);
    this.#host.requestUpdate();
  }
}
