import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { Own } from './own.ts';

const site = 'site_shop' as SiteId;
const [elin, odd] = ['user_elin', 'user_odd'] as [UserId, UserId];
const kept = () => JSON.stringify(Object.entries(localStorage));

beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

function newTab(user?: UserId): Own {
  const own = new Own(localStorage, () => site);
  own.resume();
  if (user !== undefined) own.become(user);
  return own;
}

describe('what a visitor has written and agreed to', () => {
  it('is there on the next page, and the user’s once the site says who it is', () => {
    const before = newTab();
    before.write('My card');
    before.agree();
    expect([newTab().text, newTab().hasAgreed]).toEqual(['My card', true]);
    before.become(elin);
    expect([before.text, before.hasAgreed]).toEqual(['My card', true]);
    expect([newTab().text, newTab().hasAgreed]).toEqual(['', false]);
    const next = newTab(elin);
    expect([next.text, next.hasAgreed]).toEqual(['My card', true]);
  });

  it('is one user’s alone where two are in two tabs, and is still there once both have signed in again', () => {
    const [hers, his] = [newTab(elin), newTab()];
    hers.write('hers');
    his.become(odd);
    hers.heard(`gorunchat.user.${site}`);
    expect([his.text, his.hasAgreed]).toEqual(['', false]);
    his.agree();
    his.write('his');
    expect([hers.text, hers.hasAgreed]).toEqual(['hers', false]);
    const hersAgain = newTab(elin);
    his.heard(`gorunchat.user.${site}`);
    expect([hersAgain.text, hersAgain.hasAgreed]).toEqual(['hers', false]);
    const hisAgain = newTab(odd);
    expect([hisAgain.text, hisAgain.hasAgreed]).toEqual(['his', true]);
  });

  it('is joined with what they had half written before, where they write before the site has said who they are', () => {
    newTab(elin).write('hers');
    const next = newTab();
    next.write('and more');
    next.become(elin);
    expect([next.text, newTab(elin).text]).toEqual(['hers\n\nand more', 'hers\n\nand more']);
  });

  it('is not taken away by another tab of the same user in which nothing stands', () => {
    const [hers, empty] = [newTab(elin), newTab(elin)];
    hers.write('hers');
    newTab(odd);
    for (const tab of [hers, empty]) tab.heard(`gorunchat.user.${site}`);
    expect(newTab(elin).text).toBe('hers');
  });

  it('is dropped when another user signs in, with what somebody anonymous left since', () => {
    newTab(elin).write('hers');
    newTab().write('whose?');
    expect(newTab(odd).text).toBe('');
    expect(kept()).not.toMatch(/hers|whose/u);
  });

  it('is not kept again where another tab has forgotten everybody', () => {
    const hers = newTab(elin);
    hers.write('hers');
    hers.agree();
    newTab().forget();
    hers.heard(`gorunchat.user.${site}`);
    expect(kept()).toBe('[]');
    hers.lapse();
    expect([hers.text, hers.hasAgreed]).toEqual(['', false]);
    hers.write('anew');
    expect(newTab().text).toBe('anew'); // of somebody anonymous
  });

  it('leaves nothing of whom another tab has forgotten, also where somebody else has signed in there before that is heard', () => {
    const hers = newTab(elin);
    hers.write('hers');
    hers.agree();
    const other = newTab();
    other.forget();
    other.become(odd);
    hers.heard(`gorunchat.user.${site}`);
    hers.lapse();
    expect(kept()).not.toContain(elin);
  });

  it('lasts as long as the page where nothing can be kept', () => {
    const own = new Own(undefined, () => site);
    own.write('My card');
    own.agree();
    own.become(elin);
    expect([own.text, own.hasAgreed]).toEqual(['My card', true]);
    own.become(odd);
    expect([own.text, own.hasAgreed]).toEqual(['', false]);
  });
});
