import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageId, SiteId } from '../../../contracts/ids.ts';
import { Sound } from './sound.ts';
import { ring } from './tone.ts';

const site = 'site_shop' as SiteId;
const rungFor = () => localStorage.getItem(`gorunchat.rung.${site}`);
const held = async () => ((await navigator.locks.query()).held ?? []).map(({ name }) => name);

beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

describe('the sound of a site’s chat', () => {
  it('is off, as the visitor had it last in whichever tab, and off again once they are forgotten', async () => {
    const [here, there] = [new Sound(localStorage, () => site), new Sound(localStorage, () => site)];
    expect(here.isOn).toBe(false);
    await here.turn();
    expect([here.isOn, there.isOn]).toEqual([true, true]);
    await there.turn();
    expect(here.isOn).toBe(false);
    await here.turn();
    here.forget();
    expect([here.isOn, there.isOn]).toEqual([false, false]);
  });

  it('lasts as long as the page where nothing can be kept', async () => {
    const sound = new Sound(undefined, () => site);
    await sound.turn();
    expect(sound.isOn).toBe(true);
    await sound.turn();
    expect(sound.isOn).toBe(false);
  });

  it('is not for what somebody sees, here or in another tab', async () => {
    const here = new Sound(localStorage, () => site);
    await here.turn();
    here.look(true);
    await expect.poll(held).toEqual([`gorunchat.looks.${site}`]);
    await here.came('m1' as MessageId);
    await ring(site, 'm2' as MessageId, localStorage);
    expect(rungFor()).toBeNull();
    here.look(false);
    await expect.poll(held).toEqual([]);
    await here.came('m3' as MessageId);
    expect(rungFor()).toBe('m3');
  });

  it('comes once for a message that several tabs hear of, though none sees yet what another has stored', async () => {
    const stored: string[] = [];
    const late = { getItem: () => null, setItem: (_: string, value: string) => stored.push(value) } as unknown as Storage;
    await Promise.all([1, 2, 3].map(() => ring(site, 'm4' as MessageId, late)));
    expect(stored).toEqual(['m4']);
  });
});
