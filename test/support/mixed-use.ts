import type { Answer, Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Dice } from './random.ts';
import type { Tab } from './tab.ts';

/** From one start of the product to its end. */
export interface Life {
  /** Resolves when it has ended, in order or not. */
  readonly over: Promise<void>;
}

/** What goes on around those who use the product. */
export interface Scene {
  /** Resolves when the product runs. */
  up(): Promise<Life>;
  /** Nobody begins anything more. */
  readonly isClosing: boolean;
}

const DOINGS = 7;
type Send = Extract<Command, { type: 'turn.send' }>;

/** Somebody who talks, regrets, edits, deletes and goes on, in two tabs at once, whatever becomes of the product meanwhile. What was not answered before its end is asked again after it, as a page does. */
export class Somebody {
  readonly conversations = new Set<ConversationId>();
  readonly #dice: Dice;
  readonly #newTab: () => Promise<Tab>;
  readonly #model: ModelId | undefined;
  #tabs: Tab[] = [];
  #unanswered: Command | undefined;

  /** `model` is not named by who has no choice of it. */
  constructor(dice: Dice, newTab: () => Promise<Tab>, model?: ModelId) {
    this.#dice = dice;
    this.#newTab = newTab;
    this.#model = model;
  }

  async live(scene: Scene): Promise<void> {
    while (!scene.isClosing) {
      const life = await scene.up();
      const round = this.#round().catch(async (error: unknown) => {
        if (!(error instanceof TypeError)) throw error;
        await life.over; // nobody listens there any more
      });
      await Promise.race([round, life.over]);
      await Promise.all(this.#tabs.splice(0).map((tab) => tab[Symbol.asyncDispose]()));
    }
  }

  async #round(): Promise<void> {
    const tab = await this.#open();
    if (this.#unanswered !== undefined) await this.#ask(tab, this.#unanswered);
    const isNew = this.conversations.size === 0 || this.#dice.below(3) > 0;
    const conversation = isNew ? newId<ConversationId>() : this.#dice.pick([...this.conversations]);
    if (isNew) await this.#ask(tab, this.#send({ conversation, parent: null }));
    this.conversations.add(conversation);
    if (!(await opens(tab, conversation))) return;
    const other = await this.#open();
    if (!(await opens(other, conversation))) return;
    for (let done = 0; done < DOINGS; done++) await this.#act(this.#dice.pick([tab, tab, other]));
    await tab.until(() => isCalm(tab), 'all was answered');
    if (this.#dice.below(5) > 0) return;
    await this.#ask(tab, { type: 'conversation.delete', ...this.#common(tab) });
    if (this.#dice.below(2) > 0) await this.#ask(tab, { type: 'conversation.restore', ...this.#common(tab) });
  }

  async #open(): Promise<Tab> {
    const tab = await this.#newTab();
    this.#tabs.push(tab);
    return tab.ready();
  }

  async #ask(tab: Tab, command: Command): Promise<Answer> {
    this.#unanswered = command;
    const answer = await tab.ask(command);
    this.#unanswered = undefined;
    return answer;
  }

  /** A question that nobody else asks, and that the same seed asks again. */
  #words(): string {
    return `ask-${Array.from({ length: 22 }, () => this.#dice.below(36).toString(36)).join('')}`;
  }

  #common(tab: Tab): { commandId: CommandId; conversation: ConversationId } {
    return { commandId: newId(), conversation: tab.view!.conversation.id };
  }

  #send(more: Pick<Send, 'conversation' | 'parent'> & Partial<Send>): Send {
    return { type: 'turn.send', commandId: newId(), message: newId(), text: this.#words(), files: [], model: this.#model as ModelId, mode: 'queue', ...more };
  }

  /** One thing, whatever is to be seen at that moment; what does not fit is refused. */
  async #act(tab: Tab): Promise<unknown> {
    const { messages, conversation } = tab.view!;
    const reply = messages.findLast(({ author }) => author === 'model')?.id as MessageId;
    const common = this.#common(tab);
    const last = messages.at(-1)?.id ?? null;
    switch (this.#dice.below(12)) {
      case 0: case 1: return this.#ask(tab, this.#send({ ...common, parent: last }));
      case 2: return this.#ask(tab, this.#send({ ...common, parent: last, mode: 'stop-and-send' }));
      case 3: return this.#ask(tab, this.#send({ ...common, parent: this.#dice.pick(messages.filter(({ author }) => author === 'person'))?.parent ?? null }));
      case 4: return this.#ask(tab, { type: 'turn.regenerate', ...common, message: reply });
      case 5: return this.#ask(tab, { type: 'turn.continue', ...common, message: reply });
      case 6: return this.#ask(tab, { type: 'turn.stop', ...common, turn: tab.turn });
      case 7: return conversation.queue[0] && this.#ask(tab, { type: 'queue.edit', ...common, queued: conversation.queue[0].command, text: this.#words() });
      case 8: return conversation.queue[0] && this.#ask(tab, { type: 'queue.remove', ...common, queued: conversation.queue[0].command });
      case 9: return this.#ask(tab, { type: 'conversation.change', ...common, title: 'Another title' });
      default: return tab.until(() => isCalm(tab), 'all was answered');
    }
  }
}

const isCalm = (tab: Tab): boolean => tab.view?.turn === null && tab.view.conversation.queue.length === 0;

/** Whether it is there to be talked in: one that was deleted is not. */
async function opens(tab: Tab, conversation: ConversationId): Promise<boolean> {
  const isThere = await tab.open(conversation).then(() => true, () => false);
  return isThere && tab.view !== undefined && !tab.view.isErased && tab.view.conversation.deletedAt === null;
}
