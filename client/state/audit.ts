import { msg } from '@lit/localize';
import type { ReactiveControllerHost } from 'lit';
import type { Names } from '../../contracts/cases.ts';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { AuditEntry } from '../../contracts/records.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import type { download } from '../link/download.ts';
import type { follow, LineState } from '../link/follow.ts';
import type { Place } from './address.ts';
import { Answer } from './answer.ts';
import { namedBy } from './audit-names.ts';
import { askedFor, type AuditWanted, EVERYTHING, writeWanted } from './audit-wanted.ts';
import { later } from './frame.ts';

export type AuditLog = RouteReply<'auditLog'>;

/** `off`: not asked for. `over`: it was, and ended for good. */
export type Following = 'off' | 'connecting' | Exclude<LineState, 'refused'> | 'over';

/** Entries that are kept while following, unless more were asked for: older ones come again when they are. */
const MOST_KEPT = 1_000;
const TRY_AGAIN_MS = 3_000;

/** The audit log as an administrator looks at it. Each reading is on record, so nothing is read that nobody asked for, and nothing twice. */
export class AuditController {
  readonly log: Answer<AuditLog>;
  /** What people and sites are called. */
  readonly names: Answer<Names>;
  readonly older = { busy: false, problem: '' };
  following: Following = 'off';
  /** Why following is over. */
  problem = '';
  /** Entries with a higher number came in while they were waited for. */
  freshAfter = Infinity;
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  readonly #download: typeof download;
  readonly #follow: typeof follow;
  #wanted: AuditWanted | undefined;
  #readings = 0;
  #mostKept = MOST_KEPT;
  #end: () => void = () => undefined;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call; download: typeof download; follow: typeof follow }) {
    this.#host = host;
    this.#call = parts.call;
    this.#download = parts.download;
    this.#follow = parts.follow;
    this.log = new Answer(host, () => this.#call('auditLog', { query: this.#asked }));
    this.names = new Answer(host, async () => {
      const [{ people }, { sites }] = await Promise.all([this.#call('people'), this.#call('sites')]);
      return { people, sites: sites.map(({ id, settings }) => ({ id, name: settings.name })) };
    });
  }

  /** Shows what this place shows of the log. Anywhere else it is not looked at any more, as if nobody may. */
  look(place: Place | undefined): void {
    if (place?.view !== 'audit') return this.clear();
    const wanted = place.wanted ?? EVERYTHING;
    if (this.#wanted !== undefined && writeWanted(wanted) === writeWanted(this.#wanted)) return;
    this.#wanted = wanted;
    this.log.clear();
    void this.read();
  }

  async read(): Promise<void> {
    const reading = ++this.#readings;
    this.#end();
    this.freshAfter = Infinity;
    this.#mostKept = MOST_KEPT;
    Object.assign(this.older, { busy: false, problem: '' });
    if (this.names.value === undefined) await this.names.read();
    if (reading !== this.#readings) return;
    await this.log.read();
    if (reading !== this.#readings) return;
    this.#name(this.log.value?.entries ?? []);
    if (this.following !== 'off') this.#open();
  }

  /** Shows what came before. */
  async more(): Promise<void> {
    const { log, older } = this;
    const before = log.value?.before ?? null;
    if (older.busy || before === null) return;
    const reading = this.#readings;
    Object.assign(older, { busy: true, problem: '' });
    this.#host.requestUpdate();
    try {
      const page = await this.#call('auditLog', { query: { ...this.#asked, before: String(before) } });
      if (reading !== this.#readings || log.value === undefined) return;
      const entries = [...log.value.entries, ...page.entries];
      this.#mostKept = Math.max(MOST_KEPT, entries.length);
      log.put({ ...log.value, entries, before: page.before });
    } catch (error) {
      const { code, text } = refusalOf(error);
      if (reading === this.#readings) older.problem = text ?? FAILURES[code].text;
    } finally {
      if (reading === this.#readings) older.busy = false;
      this.#host.requestUpdate();
    }
  }

  /** Shows new entries as they come, or no longer. */
  keepUp(isOn: boolean): void {
    this.#end();
    this.freshAfter = Infinity;
    this.problem = '';
    this.following = isOn ? 'connecting' : 'off';
    if (isOn) this.#open();
    this.#host.requestUpdate();
  }

  /** All that fits, as a file. */
  take(format: 'csv' | 'ndjson', progress: (bytes: number) => void): Promise<Blob> {
    return this.#download('auditExport', { query: { ...this.#asked, format } }, progress);
  }

  clear(): void {
    this.#readings += 1;
    this.#end();
    this.#wanted = undefined;
    this.following = 'off';
    this.problem = '';
    this.freshAfter = Infinity;
    this.log.clear();
    this.names.clear();
  }

  #name(entries: readonly AuditEntry[]): void {
    const { value } = this.names;
    if (value !== undefined) this.names.put(namedBy(entries, value));
  }

  get #asked(): Record<string, string | undefined> {
    return this.#wanted === undefined ? {} : askedFor(this.#wanted);
  }

  #open(): void {
    const { value } = this.log;
    if (value === undefined) return; // begins when it was read
    if (this.freshAfter === Infinity) this.freshAfter = value.upTo;
    this.#end = this.#follow({ ...this.#asked, after: String(value.upTo) }, { heard: (data) => this.#heard(JSON.parse(data) as AuditEntry), state: (now) => this.#turn(now) });
  }

  #heard(entry: AuditEntry): void {
    const { value } = this.log;
    if (value === undefined || entry.number <= value.upTo) return;
    const entries = [entry, ...value.entries];
    const kept = entries.slice(0, this.#mostKept);
    this.log.put({ entries: kept, before: kept.length < entries.length ? kept.at(-1)!.number : value.before, upTo: entry.number });
    this.#name([entry]);
  }

  #turn(now: LineState): void {
    if (now === 'refused') void this.#askWhy();
    this.following = now === 'refused' ? 'waiting' : now;
    this.#host.requestUpdate();
  }

  /** A browser tells nobody why it was refused. Who may not follow any more is told so; else it passes, and is tried again. */
  async #askWhy(): Promise<void> {
    this.#end();
    let isEnded = false;
    this.#end = () => (isEnded = true);
    const mayGoOn = await this.#call('welcome').then(({ person }) => person?.role === 'admin', () => true);
    if (isEnded) return;
    if (mayGoOn) this.#end = later(TRY_AGAIN_MS, () => this.#open());
    else Object.assign(this, { following: 'over', problem: msg('You may not see the audit log any more. Nothing new is shown.') });
    this.#host.requestUpdate();
  }
}
