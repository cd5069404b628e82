import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { AccessCommandEvent } from './components/access/events.ts';
import type { CaseCommandEvent, ReviewEvent } from './components/admin-cases/events.ts';
import type { ExportCommandEvent } from './components/exports/events.ts';
import type { RemovePersonEvent, SetRoleEvent, SignOutPersonEvent } from './components/admin-people/admin-people.ts';
import type { ChangeLogKeyEvent } from './components/admin-records/admin-records.ts';
import type { MoreDisposedEvent } from './components/admin-retention/admin-retention.ts';
import type { Place } from './state/address.ts';
import type { CaseCommand } from './state/cases.ts';
import type { Workspace } from './state/workspace.ts';

/** Who has an account, and what they may do. */
export function renderPeople(work: Workspace): TemplateResult {
  void import('./components/admin-people/admin-people.ts');
  const { list } = work.people;
  const person = work.account?.person;
  const isAdmin = person?.role === 'admin';
  return html`<gorun-admin-people .people=${list.value} .problem=${isAdmin ? list.problem : msg('You may not do this.')} .user=${person?.id} ?admin=${isAdmin} ?reviewer=${person?.role === 'reviewer'}
    @gorun-read-again=${() => void list.read()}
    @gorun-remove-person=${(event: RemovePersonEvent) => (event.outcome = work.people.remove(event.user))}
    @gorun-sign-out-person=${(event: SignOutPersonEvent) => (event.outcome = work.people.signOut(event.user))}
    @gorun-set-role=${(event: SetRoleEvent) => (event.outcome = work.people.setRole(event.user, event.role))}></gorun-admin-people>`;
}

/** The log over all records. */
export function renderRecords(work: Workspace): TemplateResult {
  void import('./components/admin-records/admin-records.ts');
  const { sealed } = work;
  const { value, problem } = sealed.checkpoint;
  const role = work.account?.person.role;
  return html`<gorun-admin-records .checkpoint=${value} .copies=${sealed.copies.value?.copies} .witnesses=${sealed.witnesses.value} .feeds=${sealed.feeds.value?.feeds} .masterKey=${sealed.masterKey.value} .problem=${role === 'admin' ? problem : msg('You may not do this.')} ?admin=${role === 'admin'} ?reviewer=${role === 'reviewer'}
    @gorun-change-log-key=${(event: ChangeLogKeyEvent) => (event.outcome = sealed.changeKey())}
    @gorun-read-again=${() => sealed.read()}></gorun-admin-records>`;
}

/** How long conversations are kept, and what was erased. */
export function renderRetention(work: Workspace): TemplateResult {
  void import('./components/admin-retention/admin-retention.ts');
  const { value, problem } = work.sealed.retention.kept;
  const role = work.account?.person.role;
  return html`<gorun-admin-retention .kept=${value} .problem=${role === 'admin' ? problem : msg('You may not do this.')} ?admin=${role === 'admin'} ?reviewer=${role === 'reviewer'}
    @gorun-read-again=${() => void work.sealed.retention.kept.read()}
    @gorun-more-disposed=${(event: MoreDisposedEvent) => (event.outcome = work.sealed.retention.more())}></gorun-admin-retention>`;
}

/** Cases, what they hold, and what is read for them. */
export function renderCases(work: Workspace, place: Extract<Place, { view: 'cases' }>): TemplateResult {
  void import('./components/admin-cases/admin-cases.ts');
  const { cases: { list }, review, exports } = work;
  const person = work.account?.person;
  const isReviewer = person?.role === 'reviewer';
  return html`<gorun-admin-cases .cases=${list.value} .problem=${isReviewer ? list.problem : closedTo(person?.role)} .user=${person?.id} ?admin=${person?.role === 'admin'} ?reviewer=${isReviewer}
    .current=${place.case} ?reviewing=${place.isReview === true} ?exporting=${place.isExports === true} .exports=${exports.of(place.case)} .found=${place.found} .review=${review.of(place.case)} .accesses=${review.accesses.of(place.case)}
    @gorun-access-command=${(event: AccessCommandEvent) => (event.outcome = review.accesses.run(event.case, event.command))}
    @gorun-read-again=${() => void list.read()}
    @gorun-case-command=${(event: CaseCommandEvent) => (event.outcome = run(work, event.command))}
    @gorun-export-command=${(event: ExportCommandEvent) => (event.outcome = exports.run(event.case, event.command))}
    @gorun-review=${(event: ReviewEvent) => (event.outcome = review.run(event.case, event.asked))}></gorun-admin-cases>`;
}

function closedTo(role: string | undefined): string {
  return role === 'admin' ? msg('You are an administrator, and no administrator is a reviewer: whoever decides about accounts does not read what others wrote. Somebody else can be made a reviewer under People.') : msg('You may not do this. Cases are for reviewers.');
}

async function run(work: Workspace, command: CaseCommand): Promise<void> {
  const changed = await work.cases.run(command);
  if (command.do === 'open') work.place.go({ view: 'cases', case: changed.id });
}
