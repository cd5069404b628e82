import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { FollowAuditEvent, ShowAuditEvent, TakeAuditEvent } from './components/admin-audit/events.ts';
import { type AuditWanted, EVERYTHING, writeWanted } from './state/audit-wanted.ts';
import { NOBODY } from './state/whom.ts';
import type { Workspace } from './state/workspace.ts';

/** Who did what, for administrators. */
export function renderAudit({ account, audit, place }: Workspace, wanted: AuditWanted = EVERYTHING): TemplateResult {
  void import('./components/admin-audit/admin-audit.ts');
  const role = account?.person.role;
  const isAdmin = role === 'admin';
  return html`<gorun-admin-audit .log=${audit.log.value} .problem=${isAdmin ? audit.log.problem : msg('You may not do this.')} .wanted=${wanted} .names=${audit.names.value ?? NOBODY} ?busy=${audit.older.busy} .moreProblem=${audit.older.problem}
    .following=${audit.following} .endProblem=${audit.problem} .freshAfter=${audit.freshAfter} ?admin=${isAdmin} ?reviewer=${role === 'reviewer'}
    @gorun-show-audit=${(event: ShowAuditEvent) => (writeWanted(event.wanted) === writeWanted(wanted) ? void audit.read() : place.go({ view: 'audit', wanted: event.wanted }))}
    @gorun-more-audit=${() => void audit.more()}
    @gorun-follow-audit=${(event: FollowAuditEvent) => audit.keepUp(event.isOn)}
    @gorun-take-audit=${(event: TakeAuditEvent) => (event.outcome = audit.take(event.format, event.progress))}
    @gorun-read-again=${() => void audit.read()}></gorun-admin-audit>`;
}
