import { afterEach, expect, it } from 'vitest';
import { FAILURES } from '../../../contracts/failures.ts';
import './sign-in.ts';
import type { GorunSignIn, RegisterEvent, SignInEvent } from './sign-in.ts';

afterEach(() => document.body.replaceChildren());

async function newDoor(given: Partial<Pick<GorunSignIn, 'registration' | 'again' | 'deployment'>> = {}) {
  const door = document.createElement('gorun-sign-in');
  Object.assign(door, { registration: 'open', ...given });
  const asked: (SignInEvent | RegisterEvent)[] = [];
  door.addEventListener('gorun-sign-in', (event) => asked.push(event));
  door.addEventListener('gorun-register', (event) => asked.push(event));
  document.body.append(door);
  await door.updateComplete;
  const find = <E extends Element>(selector: string) => door.shadowRoot?.querySelector<E>(selector) as E;
  const type = (name: string, text: string) => {
    const input = find<HTMLInputElement>(`#${name}`);
    input.value = text;
    input.dispatchEvent(new Event('input'));
  };
  const submit = async () => {
    find<HTMLFormElement>('form').requestSubmit();
    await door.updateComplete;
  };
  return { door, asked, find, type, submit };
}

it('sends what was typed, and keeps it when it is refused, with the words at the password', async () => {
  const { door, asked, find, type, submit } = await newDoor();
  type('email', ' mara@example.org ');
  type('password', ' not trimmed ');
  await submit();
  expect(asked[0]).toMatchObject({ email: 'mara@example.org', password: ' not trimmed ' });
  door.refusal = { code: 'sign-in-refused' };
  await door.updateComplete;
  expect(find('#password-error').textContent?.trim()).toBe(FAILURES['sign-in-refused'].text);
  expect(find('#password').getAttribute('aria-invalid')).toBe('true');
  expect(find<HTMLInputElement>('#email').value).toBe('mara@example.org');
  expect(find<HTMLInputElement>('#password').value).toBe(' not trimmed ');
  expect(door.shadowRoot?.activeElement?.id).toBe('password');
});

it('a problem that belongs to no field stands above the button', async () => {
  const { door, find } = await newDoor();
  door.refusal = { code: 'rate-limited' };
  await door.updateComplete;
  expect(find('.general').textContent?.trim()).toBe(FAILURES['rate-limited'].text);
});

it('says what is missing at the first field that lacks it, and asks nobody', async () => {
  const { door, asked, find, type, submit } = await newDoor();
  type('email', 'no address');
  await submit();
  expect(asked).toEqual([]);
  expect(find('#email-error').textContent?.trim()).toBe('Enter an e-mail address.');
  expect(door.shadowRoot?.activeElement?.id).toBe('email');
  type('email', 'a@b.example');
  await door.updateComplete;
  expect(find('#email-error')).toBeNull();
});

it('a problem stands where the hint stood, so that nothing is said twice', async () => {
  const { find, type, submit } = await newDoor({ registration: 'first-account-with-code' });
  const saidAt = (name: string) => find(`#${name}`).getAttribute('aria-describedby');
  expect([saidAt('password'), saidAt('code')]).toEqual(['password-hint', 'code-hint']);
  type('password', 'short');
  await submit();
  expect([saidAt('password'), saidAt('code')]).toEqual(['password-error', 'code-error']);
  expect([find('#password-hint'), find('#code-hint')]).toEqual([null, null]);
});

it('asks for the code from the terminal when the server listens beyond its machine', async () => {
  const { door, asked, find, type, submit } = await newDoor({ registration: 'first-account-with-code' });
  expect(find('h1').textContent).toBe('Welcome. You are the first one here.');
  type('name', 'Mara');
  type('email', 'mara@example.org');
  type('password', 'long enough for it');
  await submit();
  expect(find('#code-error').textContent?.trim()).toBe(FAILURES['code-needed'].text);
  type('code', 'ABCD-1234');
  await submit();
  expect(asked[0]).toMatchObject({ account: { name: 'Mara', email: 'mara@example.org', password: 'long enough for it', code: 'ABCD-1234' } });
  door.refusal = { code: 'code-needed' };
  await door.updateComplete;
  expect(find('#code-error').textContent?.trim()).toBe(FAILURES['code-needed'].text);
});

it('an address that is taken is said at the address', async () => {
  const { door, find } = await newDoor({ registration: 'first-account' });
  door.refusal = { code: 'address-taken' };
  await door.updateComplete;
  expect(find('#email-error').textContent?.trim()).toBe(FAILURES['address-taken'].text);
});

it('offers an account only where anybody may make one', async () => {
  expect((await newDoor({ registration: 'closed' })).find('.swap')).toBeNull();
  const { door, find } = await newDoor({ registration: 'open', deployment: 'Kite & Kiln' });
  expect(find('h1').textContent).toBe('Sign in to Kite & Kiln');
  find<HTMLButtonElement>('.swap').click();
  await door.updateComplete;
  expect(find('#name')).not.toBeNull();
});

it('signing in again is for the account that was signed in', async () => {
  const { asked, find, type, submit } = await newDoor({ again: 'mara@example.org' });
  expect(find<HTMLInputElement>('#email').readOnly).toBe(true);
  type('password', 'secret');
  await submit();
  expect(asked[0]).toMatchObject({ email: 'mara@example.org', password: 'secret' });
});

it('asks once while it is being answered', async () => {
  const { door, asked, type, submit } = await newDoor();
  type('email', 'a@b.example');
  type('password', 'secret');
  door.busy = true;
  await submit();
  expect(asked).toEqual([]);
});
