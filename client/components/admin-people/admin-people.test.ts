import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../contracts/failures.ts';
import type { UserId } from '../../../contracts/ids.ts';
import type { Person } from '../../../contracts/routes.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import './admin-people.ts';
import type { GorunAdminPeople, RemovePersonEvent, SetRoleEvent, SignOutPersonEvent } from './admin-people.ts';

afterEach(() => document.body.replaceChildren());

const MARA: Person = { id: 'mara' as UserId, email: 'mara@example.org', name: 'Mara Lindqvist', role: 'admin' };
const JENS: Person = { id: 'jens' as UserId, email: 'jens@example.org', name: '<b>Jens</b>', role: 'member' };

async function shown(outcome: () => Promise<unknown> = () => Promise.resolve()) {
  const element: GorunAdminPeople = document.body.appendChild(document.createElement('gorun-admin-people'));
  Object.assign(element, { people: [MARA, JENS], user: MARA.id, admin: true });
  const asked: [string, string][] = [];
  element.addEventListener('gorun-remove-person', (event: RemovePersonEvent) => {
    asked.push([event.user, 'removed']);
    event.outcome = outcome();
  });
  element.addEventListener('gorun-sign-out-person', (event: SignOutPersonEvent) => {
    asked.push([event.user, 'signed out']);
    event.outcome = outcome();
  });
  element.addEventListener('gorun-set-role', (event: SetRoleEvent) => {
    asked.push([event.user, event.role]);
    event.outcome = outcome();
  });
  await element.updateComplete;
  const root = element.shadowRoot!;
  const select = (name: string) => root.querySelector<HTMLSelectElement>(`select[aria-label="Role of ${name}"]`)!;
  const choose = async (name: string, role: string) => {
    select(name).value = role;
    select(name).dispatchEvent(new Event('change'));
    await element.updateComplete;
  };
  const press = async (label: string) => {
    [...root.querySelectorAll('button')].find((button) => button.textContent.trim() === label)!.click();
    await element.updateComplete;
  };
  return { element, root, asked, select, choose, press, dialog: root.querySelector<GorunDialog>('#role')!, removal: root.querySelector<GorunDialog>('#removal')! };
}

describe('<gorun-admin-people>', () => {
  it('changes another’s role at once, and says a refusal in the row, whose choice goes back', async () => {
    const { root, asked, select, choose } = await shown(() => Promise.reject(new Failure('record-unavailable')));
    await choose(JENS.name, 'reviewer');
    expect(asked).toEqual([['jens', 'reviewer']]);
    await expect.poll(() => root.querySelector('tr:nth-child(2) [role=alert]')?.textContent.trim()).toBe('The record could not be written, so nothing was done.');
    await expect.poll(() => select(JENS.name).value).toBe('member');
    expect([root.querySelectorAll('[role=alert]').length, root.querySelector('td b')]).toEqual([1, null]);
  });

  it('asks before it takes a role from who looks; Cancel leaves everything as it was', async () => {
    const { asked, select, choose, press, dialog } = await shown();
    await choose(MARA.name, 'reviewer');
    expect([asked, dialog.isOpen]).toEqual([[], true]);
    expect(dialog.textContent).toContain('Only another administrator can change that again.');
    await press('Cancel');
    await expect.poll(() => select(MARA.name).value).toBe('admin');
    expect([asked, dialog.isOpen]).toEqual([[], false]);
    await choose(MARA.name, 'member');
    await press('Change my role');
    expect(asked).toEqual([['mara', 'member']]);
  });

  it('signs out somebody else everywhere, once it was asked whether that is meant', async () => {
    const { root, asked, press } = await shown();
    const dialog = root.querySelector<GorunDialog>('#sign-out')!;
    const buttons = [...root.querySelectorAll<HTMLButtonElement>('button[aria-label^="Sign out"]')];
    expect(buttons.map((button) => button.ariaLabel)).toEqual(['Sign out <b>Jens</b> everywhere']);
    buttons[0]!.click();
    await expect.poll(() => dialog.isOpen).toBe(true);
    expect([dialog.textContent.includes('are told then that an administrator did this'), asked]).toEqual([true, []]);
    await press('Sign out everywhere');
    await expect.poll(() => dialog.isOpen).toBe(false);
    expect([asked, root.querySelector('p.sr')!.textContent]).toEqual([[[JENS.id, 'signed out']], '<b>Jens</b> was signed out everywhere']);
  });

  it('removes somebody else only after it was asked whether that is meant, and says why it could not', async () => {
    const outcomes = [() => Promise.reject(new Failure('record-unavailable')), () => Promise.resolve()];
    const { root, asked, press, removal } = await shown(() => outcomes.shift()!());
    const cancel = removal.querySelector<HTMLButtonElement>('button.ghost')!;
    const buttons = [...root.querySelectorAll<HTMLButtonElement>('button[aria-label^=Remove]')];
    expect(buttons.map((button) => button.ariaLabel)).toEqual(['Remove <b>Jens</b>']);
    buttons[0]!.click();
    await expect.poll(() => removal.isOpen).toBe(true);
    expect(removal.textContent).toContain('This cannot be undone.');
    cancel.click();
    await expect.poll(() => removal.isOpen).toBe(false);
    expect(asked).toEqual([]);
    buttons[0]!.click();
    await press('Remove for good');
    await expect.poll(() => removal.querySelector('[role=alert]')?.textContent.trim()).toBe('The record could not be written, so nothing was done.');
    expect(removal.isOpen).toBe(true);
    await press('Remove for good');
    await expect.poll(() => removal.isOpen).toBe(false);
    expect(asked).toEqual([['jens', 'removed'], ['jens', 'removed']]);
    expect(root.querySelector('p[role=status].sr')?.textContent).toBe('<b>Jens</b> was removed');
  });

  it('finds by name and by e-mail', async () => {
    const { element, root } = await shown();
    const field = root.querySelector<HTMLInputElement>('input[type=search]')!;
    const type = async (words: string) => {
      field.value = words;
      field.dispatchEvent(new Event('input'));
      await element.updateComplete;
      return [...root.querySelectorAll('tbody strong')].map((name) => name.firstChild?.nextSibling?.textContent ?? '').length;
    };
    expect([await type('JENS@'), await type('lindq'), await type('o'), await type('nobody')]).toEqual([1, 1, 2, 0]);
  });
});
