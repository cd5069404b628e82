import type { ReactiveControllerHost } from 'lit';
import type { CaseAccess } from '../../contracts/access.ts';
import type { AccessId, CaseId, UserId } from '../../contracts/ids.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import type { later } from './frame.ts';

/** What a reviewer does about who may read for a case. */
export type AccessCommand =
  | { readonly do: 'read' }
  | { readonly do: 'ask'; readonly hours: number; readonly reason: string }
  | { readonly do: 'grant' | 'refuse' | 'withdraw'; readonly access: AccessId; readonly reason: string };

const STEPS = { grant: 'grantAccess', refuse: 'refuseAccess', withdraw: 'withdrawAccess' } as const;

export interface AccessParts {
  readonly call: typeof call;
  readonly later: typeof later;
  /** Somebody may read for a case no more: what they were shown goes. */
  readonly ended: (id: CaseId) => void;
}

/** Who may read what others wrote, by case, as this reviewer sees it. Each change comes back as the server has it. */
export class AccessesController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: AccessParts;
  readonly #lists = new Map<CaseId, RouteReply<'accesses'>>();
  readonly #timers = new Map<CaseId, () => void>();
  #user: UserId | undefined;

  constructor(host: ReactiveControllerHost, parts: AccessParts) {
    this.#host = host;
    this.#parts = parts;
  }

  of(id: CaseId | undefined): RouteReply<'accesses'> | undefined {
    return id === undefined ? undefined : this.#lists.get(id);
  }

  begin(user: UserId): void {
    this.#user = user;
  }

  clear(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#lists.clear();
  }

  /** It was decided on, or withdrawn, somewhere else. */
  heard(id: CaseId): void {
    if (this.#lists.has(id)) this.run(id, { do: 'read' }).catch(() => this.#parts.ended(id)); // what cannot be known is not shown
  }

  async run(id: CaseId, command: AccessCommand): Promise<void> {
    const { call } = this.#parts;
    if (command.do === 'read') return this.#put(id, await call('accesses', { params: { case: id } }));
    const { reason } = command;
    const changed = command.do === 'ask' ? await call('askAccess', { body: { case: id, hours: command.hours, reason } }) : await call(STEPS[command.do], { params: { access: command.access }, body: { reason } });
    const { accesses } = this.of(id) ?? { accesses: [] };
    this.#put(id, { accesses: [changed, ...accesses.filter((one) => one.id !== changed.id)].toSorted((a, b) => b.at - a.at), isNeeded: true });
  }

  #put(id: CaseId, list: RouteReply<'accesses'>): void {
    this.#lists.set(id, list);
    this.#timers.get(id)?.();
    const until = grantIn(list, this.#user)?.until ?? null;
    if (list.isNeeded && until === null) this.#parts.ended(id);
    if (until !== null) this.#timers.set(id, this.#parts.later(until - Date.now(), () => this.heard(id)));
    this.#host.requestUpdate();
  }
}

/** What this reviewer may read by now, if anything. */
export function grantIn(list: RouteReply<'accesses'> | undefined, user: UserId | undefined, now = Date.now()): CaseAccess | undefined {
  return list?.accesses.find(({ by, state, until }) => by === user && state === 'granted' && until !== null && until > now);
}
