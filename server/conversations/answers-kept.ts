import type { Answer } from '../../contracts/commands.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CommandId } from '../../contracts/ids.ts';
import { commandKey } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import type { Commander } from './questions.ts';

/** Names that somebody had before; who has had more has given their older commands long ago. */
const MOST_NAMES = 20;

/**
 * What a command was answered, if it was: under the name of whoever gives it, or one that they had while their site had not said who they are. Throws `record-unavailable` when the store
 * cannot say.
 */
export async function answerKept(store: Pick<Store, 'get' | 'find'>, id: CommandId, { user, subject }: Pick<Commander, 'user' | 'subject'>): Promise<Answer | undefined> {
  const under = async (name: string): Promise<Answer | undefined> => (await store.get('command', commandKey(name, id)))?.body.answer;
  try {
    const own = await under(user);
    if (own !== undefined || subject === undefined) return own;
    const { items } = await store.find({ kind: 'known-as', index: 'byUser', where: [user], order: 'down', limit: MOST_NAMES });
    for (const { id: name } of items) {
      const answer = await under(name);
      if (answer !== undefined) return answer;
    }
    return undefined;
  } catch (error) {
    throw new Failure('record-unavailable', { cause: error });
  }
}
