import { describe, expect, it } from 'vitest';
import type { Names } from '../../contracts/cases.ts';
import type { SiteId, UserId } from '../../contracts/ids.ts';
import { meant, nameOf } from './whom.ts';

const ID = 'abcdefghij0123456789_-' as UserId;
const SITE = `site_${ID}` as SiteId;
const NAMES: Names = {
  people: [{ id: ID, name: 'Pelle Sørensen', email: 'pelle@example.org' }, { id: 'x' as UserId, name: 'Jens', email: 'jens@example.org' }, { id: 'y' as UserId, name: 'Jens', email: 'other@example.org' }],
  sites: [{ id: SITE, name: 'Kite & Kiln shop' }],
};

describe('who is meant by what was written', () => {
  it.each([
    ['person', ' Pelle@Example.org ', ID],
    ['person', 'pelle sørensen', ID],
    ['person', ID, ID],
    ['person', 'Jens', undefined],
    ['person', 'nobody@example.org', undefined],
    ['site', 'kite & kiln SHOP', SITE],
    ['site', SITE, SITE],
    ['site', ID, undefined],
    ['conversation', ID, ID],
    ['conversation', 'pelle@example.org', undefined],
  ] as const)('as a %s, %j', (type, written, id) => {
    expect(meant(type, written, NAMES)).toEqual(id === undefined ? undefined : { type, id });
  });

  it('is called by its name, and by its id where it has none', () => {
    expect([nameOf({ type: 'person', id: ID }, NAMES), nameOf({ type: 'site', id: SITE }, NAMES), nameOf({ type: 'person', id: 'visitor' as UserId }, NAMES)]).toEqual(['Pelle Sørensen', 'Kite & Kiln shop', 'visitor']);
  });
});
