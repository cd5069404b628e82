import { html, type TemplateResult } from 'lit';
import { renderAudit } from './app-audit.ts';
import { renderCases, renderPeople, renderRecords, renderRetention } from './app-records.ts';
import { renderInbox, renderSites } from './app-sites.ts';
import type { Place } from './state/address.ts';
import type { Said, Workspace } from './state/workspace.ts';

/** A page of administration, which has the window to itself but for what is said in passing; `undefined` where conversations are shown. */
export function renderPage(work: Workspace, place: Place, say: (said: Said) => void): TemplateResult | undefined {
  const page = pageOf(work, place, say);
  return page && html`${page}<gorun-toasts></gorun-toasts>`;
}

function pageOf(work: Workspace, place: Place, say: (said: Said) => void): TemplateResult | undefined {
  if (place.view === 'sites') return renderSites(work, place.site, (text) => say({ text }));
  if (place.view === 'inbox') return renderInbox(work, place.id, say);
  if (place.view === 'people') return renderPeople(work);
  if (place.view === 'audit') return renderAudit(work, place.wanted);
  if (place.view === 'records') return renderRecords(work);
  if (place.view === 'retention') return renderRetention(work);
  if (place.view === 'cases') return renderCases(work, place);
  return undefined;
}
