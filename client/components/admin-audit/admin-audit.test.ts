import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../contracts/failures.ts';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import type { Actor, AuditEntry, AuditRecord } from '../../../contracts/records.ts';
import { EVERYTHING } from '../../state/audit-wanted.ts';
import './admin-audit.ts';
import type { GorunAdminAudit } from './admin-audit.ts';

afterEach(() => document.body.replaceChildren());

const MARA = 'mara000000000000000000' as UserId;
const SHOP = `site_${'0'.repeat(22)}` as SiteId;
const NAMES = { people: [{ id: MARA, name: 'Mara Lindqvist', email: 'mara@example.org' }], sites: [{ id: SHOP, name: 'Shop' }] };
const actor = (more: Partial<Actor>): Actor => ({ user: null, session: null, address: '192.0.2.7', agent: 'Firefox', ...more });
const entry = (number: number, said: object | null, who: Actor | null): AuditEntry => ({ number, at: 1_790_000_000_000, type: (said as AuditRecord | null)?.type ?? 'person-renamed', result: 'done', said: said && ({ v: 1, ...said } as AuditRecord), actor: who });
const ENTRIES = [
  entry(9, { type: 'role-changed', user: MARA, role: 'admin', from: 'member' }, actor({ user: MARA })),
  entry(8, { type: 'sign-in-refused', email: 'eve@example.org' }, actor({})),
  entry(7, { type: 'visitor-known', site: SHOP, visitor: MARA, user: MARA }, actor({ user: 'visitor000000000000000' as UserId, site: SHOP, subject: '<b>elin</b>' })),
  entry(6, { type: 'signing-key-made', key: 'k' }, actor({ address: '', agent: '' })),
  entry(5, null, null),
];

async function shown(given: Partial<GorunAdminAudit> = {}) {
  const element = document.body.appendChild(document.createElement('gorun-admin-audit'));
  Object.assign(element, { log: { entries: ENTRIES, before: 5, upTo: 9 }, names: NAMES, admin: true, ...given });
  const events: Event[] = [];
  for (const type of ['gorun-show-audit', 'gorun-more-audit', 'gorun-follow-audit', 'gorun-take-audit']) element.addEventListener(type, (event) => events.push(event));
  await element.updateComplete;
  const root = element.shadowRoot!;
  const press = async (label: string) => {
    [...root.querySelectorAll('button')].find((button) => button.textContent.trim() === label)!.click();
    await element.updateComplete;
  };
  const rows = (cell: number) => [...root.querySelectorAll(`tbody tr:not(.facts-row) td:nth-child(${cell})`)].map((one) => one.textContent.replaceAll(/\s+/gu, ' ').trim());
  return { element, root, events, press, rows, said: () => root.querySelector('p.sr[role=status]')!.textContent };
}

describe('<gorun-admin-audit>', () => {
  it('says who it was, somebody who was not signed in, a visitor, the product itself and whoever was erased included', async () => {
    const { root, rows } = await shown();
    expect(rows(2)).toEqual([expect.stringContaining('Mara Lindqvistmara@example.org'), 'Not signed in', '<b>elin</b>, visitor of Shopvisitor000000000000000', 'GoRunChat itself', 'Erased']);
    expect(rows(3)).toEqual(['Role of Mara Lindqvist changed: member → admin. role-changed', 'Sign-in refused: eve@example.org. sign-in-refused', expect.stringContaining('visitor-known'), expect.stringContaining('signing-key-made'), 'Name changed. person-renamedErased']);
    expect(root.querySelector('td b')).toBeNull();
  });

  it('opens and closes a row with everything that it says; of what was erased it says that it was', async () => {
    const { element, root } = await shown();
    const [first, , , , last] = root.querySelectorAll<HTMLButtonElement>('.what button');
    first!.click();
    last!.click();
    await element.updateComplete;
    const [facts, erased] = root.querySelectorAll('.facts-row');
    expect([first!.getAttribute('aria-expanded'), first!.getAttribute('aria-controls'), facts!.querySelector('td')!.id]).toEqual(['true', 'facts-9', 'facts-9']);
    const pairs = [...facts!.querySelectorAll('dt')].map((term) => [term.textContent, term.nextElementSibling!.textContent]);
    expect(pairs).toEqual(expect.arrayContaining([['Role before', 'member'], ['Role after', 'admin'], ['From the address', '192.0.2.7']]));
    expect(erased!.textContent).toContain('The key of this entry was destroyed.');
    first!.click();
    await element.updateComplete;
    expect([first!.getAttribute('aria-expanded'), root.querySelectorAll('.facts-row').length]).toEqual(['false', 1]);
  });

  it('asks for kinds, a person and days once Show is pressed, and says what cannot be meant', async () => {
    const { element, root, events, press } = await shown();
    const type = (id: string, text: string) => Object.assign(root.querySelector<HTMLInputElement>(`#${id}`)!, { value: text });
    root.querySelector<HTMLInputElement>('input[value=role-changed]')!.click();
    await element.updateComplete;
    expect(root.querySelector('summary')!.textContent).toBe('Kinds: Role changed');
    type('person', 'Somebody else');
    await press('Show');
    expect([events.length, root.querySelector('form [role=alert]')!.textContent]).toEqual([0, expect.stringContaining('Nobody here has this address or name alone.')]);
    type('person', 'MARA lindqvist');
    type('from', '2026-11-02');
    type('to', '2026-11-01');
    await press('Show');
    expect([events.length, root.querySelector('form [role=alert]')!.textContent]).toEqual([0, expect.stringContaining('The last day comes before the first one.')]);
    type('to', '2026-11-03');
    await press('Show');
    expect([events.length, root.querySelector('form [role=alert]')]).toEqual([1, null]);
    expect(events[0]).toMatchObject({ wanted: { types: ['role-changed'], user: MARA, from: '2026-11-02', to: '2026-11-03' } });
    await press('Clear');
    expect(events[1]).toMatchObject({ wanted: EVERYTHING });
    expect([...root.querySelectorAll<HTMLInputElement>('form input')].filter(({ type: kind, value, checked }) => (kind === 'checkbox' ? checked : value !== ''))).toEqual([]);
  });

  it('ticks all kinds under a heading at once', async () => {
    const { element, root } = await shown({ wanted: { ...EVERYTHING, types: ['signed-in'] } });
    const all = root.querySelector<HTMLInputElement>('legend input')!;
    expect([all.checked, all.indeterminate]).toEqual([false, true]);
    all.click();
    await element.updateComplete;
    expect([all.checked, all.indeterminate, root.querySelector('summary')!.textContent]).toEqual([true, false, 'Kinds: Signed in, Sign-in refused, Signed out, Password changed']);
  });

  it('marks what came in while it was waited for, and tells how many those are, not each', async () => {
    const { element, root, said } = await shown({ following: 'live', freshAfter: 9 });
    expect([root.querySelector('.followed')!.textContent, said()]).toEqual(['New entries will stand here.', '']);
    for (const number of [10, 11]) {
      element.log = { entries: [entry(number, { type: 'signed-out', user: MARA, sessions: ['s'] }, actor({ user: MARA })), ...element.log!.entries], before: 5, upTo: number };
      await element.updateComplete;
    }
    expect([root.querySelector('.followed')!.textContent, root.querySelectorAll('.time .unread').length, said()]).toEqual(['2 new entries', 2, '']);
    await expect.poll(said).toBe('2 new entries');
    element.following = 'waiting';
    await element.updateComplete;
    expect(root.querySelector('.followed')!.textContent).toContain('Reconnecting.');
  });

  it('says why a file did not come', async () => {
    const { element, root, press } = await shown();
    element.addEventListener('gorun-take-audit', (event) => (event.outcome = Promise.reject(new Failure('record-unavailable'))));
    await press('CSV');
    await expect.poll(() => root.querySelector('[role=alert]')?.textContent.trim()).toBe('The record could not be written, so nothing was done.');
  });

  it('has words for nothing found, a failure, and loading', async () => {
    const text = async (given: Partial<GorunAdminAudit>) => (await shown(given)).root.querySelector('main')!.textContent;
    expect(await text({ log: { entries: [], before: null, upTo: 9 } })).toContain('Nothing in the log is like that.');
    expect(await text({ log: { entries: [], before: 4_000, upTo: 9_000 } })).toMatch(/Nothing like that among the latest entries[^]*Load more/u);
    expect(await text({ log: undefined })).toContain('Loading');
    expect(await text({ problem: 'The server is busy.' })).toMatch(/The server is busy\.[^]*Try again/u);
    expect(await text({ problem: 'You may not do this.', admin: false })).not.toMatch(/Try again|Follow|Show/u);
  });
});
