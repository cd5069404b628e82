import { expect, it } from 'vitest';
import type { Names } from '../../contracts/cases.ts';
import type { SiteId, UserId } from '../../contracts/ids.ts';
import type { AuditEntry } from '../../contracts/records.ts';
import { namedBy } from './audit-names.ts';

const MARA = 'mara000000000000000000' as UserId;
const PELLE = 'pelle00000000000000000' as UserId;
const SHOP = 'site_shop00000000000000000' as SiteId;
const entry = (said: object | null): AuditEntry => ({ number: 1, at: 1, type: 'x', result: 'done', actor: null, said }) as AuditEntry;

it('names come from what the log says, the latest last; what was erased, and what a newer version wrote, names nobody', () => {
  const before: Names = { people: [{ id: MARA, name: 'Mara', email: 'mara@example.org' }], sites: [] };
  const [renamed, again] = ['Mara the Second', 'Mara the Third'].map((name) => entry({ type: 'person-renamed', v: 1, user: MARA, name })) as [AuditEntry, AuditEntry];
  const entries = [
    again, renamed, entry({ type: 'site-changed', v: 2 }), entry({ type: 'site-changed', v: 1, site: SHOP, change: { name: 'Store' } }), entry({ type: 'site-changed', v: 1, site: SHOP, change: { title: 'Ask' } }),
    entry({ type: 'site-made', v: 1, site: SHOP, settings: { name: 'Shop' } }), entry(null), entry({ type: 'account-made', v: 1, user: PELLE, email: 'pelle@example.org', role: 'member' }),
  ];
  expect(namedBy(entries, before)).toEqual({
    people: [{ id: MARA, name: 'Mara the Third', email: 'mara@example.org' }, { id: PELLE, name: 'pelle@example.org', email: 'pelle@example.org' }], sites: [{ id: SHOP, name: 'Store' }],
  });
  expect(before.people).toHaveLength(1);
});
