import type { ReactiveControllerHost } from 'lit';
import { refusalOf, type Refusal } from '../contracts/failures.ts';
import type { RegisterEvent, SignInEvent } from './components/sign-in/sign-in.ts';
import type { SessionController } from './state/session.ts';

/** One question at a time to whoever lets people in, with the reason of the last refusal. */
export class Door {
  isAsking = false;
  refusal: Refusal | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #session: () => SessionController;
  readonly #opened: () => void;

  constructor(host: ReactiveControllerHost, session: () => SessionController, opened: () => void) {
    this.#host = host;
    this.#session = session;
    this.#opened = opened;
  }

  readonly signIn = (event: SignInEvent): void => void this.#ask(this.#session().signIn({ email: event.email, password: event.password }));

  readonly register = (event: RegisterEvent): void => void this.#ask(this.#session().register(event.account));

  async #ask(outcome: Promise<void>): Promise<void> {
    this.isAsking = true;
    this.refusal = undefined;
    this.#host.requestUpdate();
    try {
      await outcome;
      this.#opened();
    } catch (error) {
      this.refusal = refusalOf(error);
    } finally {
      this.isAsking = false;
      this.#host.requestUpdate();
    }
  }
}
