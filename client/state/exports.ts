import type { ReactiveControllerHost } from 'lit';
import type { Names, NamesAsked, Subjects } from '../../contracts/cases.ts';
import type { CaseExport, ExportForm, ExportScope } from '../../contracts/exports.ts';
import type { CaseId, ConversationId, ExportId } from '../../contracts/ids.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import type { download } from '../link/download.ts';
import { subjectsMeant } from './cases.ts';
import { allMeant, checkDates, NOBODY, type Whom } from './whom.ts';

/** What is wanted in a package, as it was written: conversations that were ticked, or all of those who are named, separated by commas, or of everybody. */
export type Ordered =
  | { readonly type: 'chosen'; readonly conversations: readonly ConversationId[] }
  | { readonly type: Whom; readonly whom: string; readonly from: number | null; readonly to: number | null };

/** What a reviewer does about the exports of a case. */
export type ExportCommand =
  | { readonly do: 'read' }
  /** How far those are that are being made: of one that is no more, everything is read anew. */
  | { readonly do: 'look' }
  | { readonly do: 'order'; readonly what: Ordered; readonly forms: readonly ExportForm[]; readonly recipient: string; readonly reason: string }
  | { readonly do: 'approve' | 'refuse' | 'cancel'; readonly export: ExportId; readonly reason: string }
  | { readonly do: 'download'; readonly export: ExportId; readonly reason: string; readonly progress: (bytes: number) => void };

const STEPS = { approve: 'approveExport', refuse: 'refuseExport', cancel: 'cancelExport' } as const;

/** Exports by case. Each change comes back as the server has it. */
export class ExportsController {
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  readonly #download: typeof download;
  readonly #names: (asked: NamesAsked) => Promise<Names>;
  readonly #lists = new Map<CaseId, RouteReply<'exports'>>();

  constructor(host: ReactiveControllerHost, parts: { call: typeof call; download: typeof download; names: (asked: NamesAsked) => Promise<Names> }) {
    this.#host = host;
    this.#call = parts.call;
    this.#download = parts.download;
    this.#names = parts.names;
  }

  of(id: CaseId | undefined): RouteReply<'exports'> | undefined {
    return id === undefined ? undefined : this.#lists.get(id);
  }

  clear(): void {
    this.#lists.clear();
  }

  /** Resolves with the file for a download. */
  async run(id: CaseId, command: ExportCommand): Promise<Blob | undefined> {
    if (command.do === 'download') return this.#download('downloadExport', { params: { export: command.export }, body: { reason: command.reason } }, command.progress);
    if (command.do === 'read') return this.#put(id, await this.#call('exports', { params: { case: id } }));
    if (command.do === 'look') return this.#look(id);
    const changed = command.do === 'order' ? await this.#order(id, command) : await this.#call(STEPS[command.do], { params: { export: command.export }, body: { reason: command.reason } });
    const { exports, needsApproval } = this.of(id) ?? { exports: [], needsApproval: changed.state === 'waiting' };
    this.#put(id, { exports: [changed, ...exports.filter((one) => one.id !== changed.id)].toSorted((a, b) => b.at - a.at), needsApproval });
    return undefined;
  }

  /** Reading the list is on record each time, so it is not read only to see how far something is. */
  async #look(id: CaseId): Promise<undefined> {
    const list = this.of(id);
    const made = (list?.exports ?? []).filter(({ state }) => state === 'making');
    const seen = new Map(await Promise.all(made.map(async (one) => [one.id, await this.#call('exportProgress', { params: { export: one.id } })] as const)));
    if (list === undefined || [...seen.values()].some(({ state }) => state !== 'making')) return this.#put(id, await this.#call('exports', { params: { case: id } }));
    const latest = this.of(id) ?? list;
    return this.#put(id, { ...latest, exports: latest.exports.map((one) => ({ ...one, ...seen.get(one.id) })) });
  }

  async #order(id: CaseId, { what, forms, recipient, reason }: Extract<ExportCommand, { do: 'order' }>): Promise<CaseExport> {
    const scope: ExportScope = what.type === 'chosen' ? { type: 'chosen', conversations: [...what.conversations] } : { type: 'whole', of: await this.#subjects(id, what, reason), from: what.from, to: what.to };
    return this.#call('orderExport', { body: { case: id, reason, scope, forms: [...forms], recipient: recipient.trim() === '' ? null : recipient.trim() } });
  }

  /** Ids need nobody to be looked up; for names and addresses who is here is asked, with the reason of the order. */
  async #subjects(id: CaseId, { type, whom, from, to }: Extract<Ordered, { whom: string }>, reason: string): Promise<Subjects> {
    const known = type === 'everybody' ? { type } : allMeant(type, whom, NOBODY);
    const subjects = known ?? subjectsMeant(type, whom, await this.#names({ case: id, reason }));
    checkDates({ of: subjects, from, to });
    return subjects;
  }

  #put(id: CaseId, list: RouteReply<'exports'>): undefined {
    this.#lists.set(id, list);
    this.#host.requestUpdate();
  }
}
