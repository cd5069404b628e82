import type { Command, CommandType } from '../../contracts/commands.ts';
import { Failure } from '../../contracts/failures.ts';
import { siteOf } from '../../contracts/site-model.ts';
import type { Commander } from './questions.ts';

/** What visitors of a site may ask. What a conversation is called, and which model answers it with what parameters, is the site's to decide. */
const OF_VISITORS: Readonly<Record<CommandType, boolean>> = {
  'turn.send': true,
  'turn.regenerate': true,
  'turn.continue': true,
  'turn.stop': true,
  'queue.edit': true,
  'queue.remove': true,
  'queue.move': true,
  'branch.choose': true,
  'message.rate': true,
  'handoff.ask': true,
  'handoff.join': false,
  'handoff.say': false,
  'handoff.note': false,
  'handoff.end': true,
  'conversation.change': false,
  'conversation.delete': true,
  'conversation.restore': true,
};

/** What people ask who answer a visitor in the model's place. */
const OF_THOSE_WHO_ANSWER: readonly CommandType[] = ['handoff.join', 'handoff.say', 'handoff.note', 'handoff.end'];

/** Throws `not-permitted` for what this person may never ask, and `model-unknown` for the model of a site that is not theirs to use. */
export function checkPermitted(command: Command, { site, answers }: Commander): void {
  const model = 'model' in command ? command.model : undefined;
  const isHandoff = command.type.startsWith('handoff.');
  const isAllowed = answers !== undefined ? OF_THOSE_WHO_ANSWER.includes(command.type) : site !== undefined ? OF_VISITORS[command.type] && !('parameters' in command && command.parameters !== undefined) && !('temporary' in command && command.temporary !== undefined) : !isHandoff && !('context' in command && command.context !== undefined) && !('toPerson' in command && command.toPerson !== undefined);
  if (!isAllowed) throw new Failure('not-permitted');
  if (model !== undefined && siteOf(model) !== site) throw new Failure(site === undefined ? 'model-unknown' : 'not-permitted');
}
