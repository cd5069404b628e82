import type { ReactiveControllerHost } from 'lit';
import type { UserId } from '../../contracts/ids.ts';
import type { Person } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import { Answer } from './answer.ts';

/** Everybody who has an account, as an admin manages them. */
export class PeopleController {
  readonly list: Answer<readonly Person[]>;
  readonly #call: typeof call;
  readonly #changed: (person: Person) => void;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call; changed: (person: Person) => void }) {
    this.#call = parts.call;
    this.#changed = parts.changed;
    this.list = new Answer(host, async () => (await this.#call('people')).people);
  }

  async setRole(user: UserId, role: Person['role']): Promise<void> {
    const person = await this.#call('setRole', { params: { user }, body: { role } });
    this.#changed(person);
    this.list.put((this.list.value ?? []).map((one) => (one.id === user ? person : one)));
  }

  async signOut(user: UserId): Promise<void> {
    await this.#call('signOutPerson', { params: { user } });
  }

  async remove(user: UserId): Promise<void> {
    await this.#call('removePerson', { params: { user } });
    this.list.put((this.list.value ?? []).filter(({ id }) => id !== user));
  }
}
