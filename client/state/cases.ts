import type { ReactiveControllerHost } from 'lit';
import type { Case, HoldScope, Names, NamesAsked, Subjects } from '../../contracts/cases.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CaseId } from '../../contracts/ids.ts';
import { allMeant, checkDates, meant, NOBODY, type Named, type Whom } from './whom.ts';
import type { call } from '../link/app-api.ts';
import { Answer } from './answer.ts';

/** What a reviewer does to cases and holds, each for a reason. `whom`: as it was written. */
export type CaseCommand = { readonly reason: string } & (
  | { readonly do: 'open'; readonly name: string }
  | { readonly do: 'close'; readonly case: CaseId }
  | { readonly do: 'hold'; readonly case: CaseId; readonly type: HoldScope['of']['type']; readonly whom: string; readonly from: number | null; readonly to: number | null }
  | { readonly do: 'release'; readonly case: CaseId; readonly hold: string }
);

/** Cases with their holds, as a reviewer keeps them. Each change comes back as the server has it. */
export class CasesController {
  readonly list: Answer<readonly Case[]>;
  readonly #call: typeof call;
  readonly #names: (asked: NamesAsked) => Promise<Names>;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call; names: (asked: NamesAsked) => Promise<Names> }) {
    this.#call = parts.call;
    this.#names = parts.names;
    this.list = new Answer(host, async () => (await this.#call('cases')).cases);
  }

  async run(command: CaseCommand): Promise<Case> {
    const changed = await this.#run(command);
    const others = (this.list.value ?? []).filter(({ id }) => id !== changed.id);
    this.list.put([changed, ...others].toSorted((a, b) => b.openedAt - a.openedAt));
    return changed;
  }

  async #run(command: CaseCommand): Promise<Case> {
    const { reason } = command;
    switch (command.do) {
      case 'open':
        return this.#call('openCase', { body: { name: command.name, reason } });
      case 'close':
        return this.#call('closeCase', { params: { case: command.case }, body: { reason } });
      case 'release':
        return this.#call('releaseHold', { params: { case: command.case, hold: command.hold }, body: { reason } });
      case 'hold':
        return this.#hold(command);
    }
  }

  /** An id needs nobody to be looked up; for a name or an address who is here is asked, with the reason of the hold. */
  async #hold(command: Extract<CaseCommand, { do: 'hold' }>): Promise<Case> {
    const { case: id, from, to, reason } = command;
    const scope = { of: await this.#meant(command), from, to };
    checkDates(scope);
    return this.#call('placeHold', { params: { case: id }, body: { scope, reason } });
  }

  async #meant({ case: id, type, whom, reason }: Extract<CaseCommand, { do: 'hold' }>): Promise<HoldScope['of']> {
    if (type === 'everybody') return { type };
    const of = meant(type, whom, NOBODY) ?? (type === 'conversation' ? undefined : meant(type, whom, await this.#names({ case: id, reason })));
    if (of === undefined) throw nobodyMeant(type);
    return of;
  }
}

/** Whom a field for several is about. Throws `nobodyMeant` where somebody in it is nobody. */
export function subjectsMeant(type: Whom, written: string, names: Names): Subjects {
  if (type === 'everybody') return { type };
  const found = allMeant(type, written, names);
  if (found === undefined) throw nobodyMeant(type);
  return found;
}

/** Said where somebody wrote what nobody, or more than one, can be meant by. */
export function nobodyMeant(type: Named['type']): Failure {
  const detail = { person: 'Nobody here has this address or name alone. Visitors are named by their id.', site: 'No site has this name alone. One that was removed is named by its id.', conversation: 'This is no id of a conversation. It stands at the end of the address under which it is read.' }[type];
  return new Failure('not-found', { detail });
}
