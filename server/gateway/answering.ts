import type { Command } from '../../contracts/commands.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Disclosures } from '../accounts/disclosures.ts';
import type { People } from '../accounts/people.ts';
import type { Commander } from '../conversations/questions.ts';
import type { Rows } from '../conversations/rows.ts';
import type { Notices } from './notices.ts';

/** Who may answer visitors in the model's place, and read what they wrote. */
export interface AnsweringWorld {
  readonly people: People;
  readonly rows: Rows;
  readonly disclosures: Disclosures;
}

/** Whoever answers a visitor commands in that visitor's conversation. Throws `not-found` for a conversation that is no visitor's, and `not-permitted` for who may not answer. */
export async function answering(command: Command, actor: Commander, world: AnsweringWorld): Promise<Commander> {
  if (actor.site !== undefined || !command.type.startsWith('handoff.')) return actor;
  const found = await world.rows.visitorOf(command.conversation);
  if (found === undefined) throw new Failure('not-found');
  return { ...actor, answers: { visitor: found.visitor, name: await nameOf(actor.user, world) } };
}

/** The visitor whose conversation it is, once it is on record that it is shown; `undefined` when it is no visitor's. Throws `not-permitted` for who may not read it. */
export async function visitorToRead(conversation: ConversationId, actor: Commander, world: AnsweringWorld): Promise<UserId | undefined> {
  if (actor.site !== undefined) return undefined;
  const found = await world.rows.visitorOf(conversation);
  if (found === undefined) return undefined;
  await nameOf(actor.user, world);
  await world.disclosures.visitor(conversation, found.site, actor);
  return found.visitor;
}

/** Those who look at what a visitor wrote are told that it has changed whether they may come. */
export async function tellBlocked(visitor: UserId, { rows, notices }: { readonly rows: Rows; readonly notices: Notices }): Promise<void> {
  for (const { id } of (await rows.list(visitor, false, undefined)).rows) notices.tellNoted(id);
}

/** Whether somebody may look at the inbox. */
export async function mayAnswer(user: UserId, { people }: Pick<AnsweringWorld, 'people'>): Promise<boolean> {
  const role = (await people.find(user))?.role;
  return role === 'admin' || role === 'member';
}

async function nameOf(user: UserId, world: Pick<AnsweringWorld, 'people'>): Promise<string> {
  const person = await world.people.find(user);
  if (person === undefined || person.role === 'reviewer') throw new Failure('not-permitted');
  return person.name;
}
