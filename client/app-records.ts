import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { SetRoleEvent } from './components/admin-people/admin-people.ts';
import type { Workspace } from './state/workspace.ts';

/** Who has an account, and what they may do. */
export function renderPeople(work: Workspace): TemplateResult {
  void import('./components/admin-people/admin-people.ts');
  const { list } = work.people;
  const person = work.account?.person;
  const isAdmin = person?.role === 'admin';
  return html`<gorun-admin-people .people=${list.value} .problem=${isAdmin ? list.problem : msg('You may not do this.')} .user=${person?.id} ?admin=${isAdmin} ?reviewer=${person?.role === 'reviewer'}
    @gorun-read-again=${() => void list.read()}
    @gorun-set-role=${(event: SetRoleEvent) => (event.outcome = work.people.setRole(event.user, event.role))}></gorun-admin-people>`;
}

/** The log over all records. */
export function renderRecords(work: Workspace): TemplateResult {
  void import('./components/admin-records/admin-records.ts');
  const { value, problem } = work.checkpoint;
  const role = work.account?.person.role;
  return html`<gorun-admin-records .checkpoint=${value} .problem=${role === 'admin' ? problem : msg('You may not do this.')} ?admin=${role === 'admin'} ?reviewer=${role === 'reviewer'}
    @gorun-read-again=${() => void work.checkpoint.read()}></gorun-admin-records>`;
}
