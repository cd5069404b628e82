import { afterEach, describe, expect, it } from 'vitest';
import type { Case, Found } from '../../../contracts/cases.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { CaseId, ConversationId, UserId } from '../../../contracts/ids.ts';
import type { Review } from '../../state/review.ts';
import type { ReviewEvent } from '../admin-cases/events.ts';
import './review.ts';
import type { GorunReview } from './review.ts';

afterEach(() => document.body.replaceChildren());

const CASE: Case = { id: 'case' as CaseId, name: 'Roe v. Kiln', openedAt: 1, closedAt: null, holds: [] };
const PELLE = { id: 'pelle' as UserId, name: '<i>Pelle</i>', email: 'pelle@example.org' };
const found = (id: string, more: Partial<Found> = {}): Found => ({ id: id as ConversationId, owner: PELLE.id, site: null, title: `Offer ${id}`, createdAt: 1, updatedAt: 2, deletedAt: null, messages: 4, ...more });
const REVIEW: Review = { reason: 'Letter of 3 November', names: { people: [PELLE], sites: [] }, results: { found: [found('a'), found('b', { deletedAt: 3, title: '<b>b</b>' })], isWhole: false } };

async function shown(review: Review | undefined, outcome: (asked: ReviewEvent) => Promise<unknown> = () => Promise.resolve()) {
  const element: GorunReview = document.createElement('gorun-review');
  Object.assign(element, { case: CASE, review });
  const asked: ReviewEvent['asked'][] = [];
  element.addEventListener('gorun-review', (event) => {
    asked.push(event.asked);
    event.outcome = outcome(event);
  });
  document.body.append(element);
  await element.updateComplete;
  const root = element.shadowRoot!;
  const button = (label: string) => [...root.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent.trim() === label)!;
  const press = async (label: string) => {
    button(label).click();
    await element.updateComplete;
  };
  return { element, root, asked, press, button, why: root.querySelector('gorun-dialog.why')! as HTMLElementTagNameMap['gorun-dialog'] };
}

describe('<gorun-review>', () => {
  it('asks why before it shows anything, keeps what was written when that is refused, and goes on when it is on record', async () => {
    let isRefused = true;
    const { root, asked, press, why } = await shown(undefined, () => (isRefused ? Promise.reject(new Failure('record-unavailable')) : Promise.resolve()));
    expect([why.isOpen, root.querySelector('form.search'), root.querySelector('table')]).toEqual([true, null, null]);
    const field = root.querySelector<HTMLTextAreaElement>('#reason')!;
    await press('Go on');
    expect(asked).toEqual([]);
    field.value = 'Letter of 3 November';
    await press('Go on');
    await expect.poll(() => root.querySelector('.why [role=alert]')?.textContent.trim()).toBe('The record could not be written, so nothing was done.');
    expect([why.isOpen, field.value]).toEqual([true, 'Letter of 3 November']);
    isRefused = false;
    await press('Go on');
    await expect.poll(() => why.isOpen).toBe(false);
    expect(asked.at(-1)).toEqual({ do: 'begin', reason: 'Letter of 3 November' });
  });

  it('shows the reason all the time, and nobody’s words as markup', async () => {
    const { root } = await shown(REVIEW);
    expect(root.querySelector('gorun-notice')?.heading).toContain('Letter of 3 November');
    expect([root.querySelector('td b'), root.querySelector('td i'), root.querySelectorAll('tbody tr').length]).toEqual([null, null, 2]);
    expect(root.querySelector('tbody tr:last-child')?.textContent).toContain('Deleted by its owner');
    expect(root.textContent).toContain('Only the latest are shown');
  });

  it('of everybody says how far it has looked, and goes on from there with what was ticked', async () => {
    const search = { type: 'everybody', whom: '', from: 1, to: null, models: '', words: '' } as const;
    const goesOn = { after: 'further', at: Date.UTC(2026, 10, 3, 12) };
    const { element, root, asked, press } = await shown({ ...REVIEW, search, results: { found: [], isWhole: false, goesOn } });
    expect(root.textContent).toMatch(/Nothing found so far\.\s+Everything back to .*2026.* was looked at\./u);
    const results = { found: [found('a')], isWhole: false, goesOn };
    Object.assign(element, { review: { ...REVIEW, search, results } });
    await element.updateComplete;
    root.querySelector<HTMLInputElement>('tbody input')!.click();
    await press('Look further back');
    expect(asked).toEqual([{ do: 'go-on' }]);
    Object.assign(element, { review: { ...REVIEW, search, results: { found: [found('a'), found('b')], isWhole: true } } });
    await element.updateComplete;
    expect(root.textContent).toContain('1 selected of 2');
    expect(root.textContent).not.toContain('Look further back');
  });

  it('orders an export of what was ticked, with its forms, recipient and reason, and says where it is', async () => {
    let isRefused = true;
    const { element, root, press, button } = await shown(REVIEW);
    const ordered: object[] = [];
    element.addEventListener('gorun-export-command', (event) => {
      ordered.push(event.command);
      event.outcome = isRefused ? Promise.reject(new Failure('invalid-command', { detail: 'This is no recipient of age.' })) : Promise.resolve();
    });
    await press('Export…');
    expect([root.querySelector<HTMLElementTagNameMap['gorun-dialog']>('.export')!.isOpen, button('Export…').getAttribute('aria-disabled')]).toEqual([false, 'true']);
    root.querySelector<HTMLInputElement>('tbody .check')!.click();
    await element.updateComplete;
    await press('Export…');
    root.querySelector<HTMLInputElement>('.export [value=rsmf]')!.click();
    root.querySelector<HTMLInputElement>('#export-recipient')!.value = ' age1nobody ';
    root.querySelector<HTMLTextAreaElement>('#export-why')!.value = 'For counsel';
    await press('Order');
    await expect.poll(() => root.querySelector('.export [role=alert]')?.textContent.trim()).toBe('This is no recipient of age.');
    expect(root.querySelector('.done')?.textContent.trim()).toBe('');
    isRefused = false;
    await press('Order');
    await expect.poll(() => root.querySelector('.done a')?.getAttribute('href')).toBe('/admin/cases/case/exports');
    expect(ordered.at(-1)).toEqual({ do: 'order', what: { type: 'chosen', conversations: ['a'] }, forms: ['rsmf'], recipient: ' age1nobody ', reason: 'For counsel' });
  });
});
