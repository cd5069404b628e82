import type { Command } from '../../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TabId, UserId } from '../../../contracts/ids.ts';
import { pathOf } from '../../../contracts/view.ts';
import { newId } from '../../../server/ids.ts';
import { newKey } from '../../../server/journal/seal.ts';
import { random, type Dice } from '../../support/random.ts';
import { OutboxEntries } from '../../../client/link/outbox-entries.ts';
import { FAULTS } from './faults.ts';
import { SimulatedInstance, type Shared } from './instance.ts';
import { SimulatedRedis } from './redis.ts';
import { StoredData, type Without } from './store.ts';
import { NO_FAULTS } from './store-way.ts';
import { SimulatedTab, type Notes } from './tab.ts';
import { SimulatedTime } from './time.ts';
import type { Stage } from './wire.ts';

const QUESTIONS = ['Hello', 'Why?', 'Show me', 'And then?', 'Write something long'];
const STEPS = 22;
const MOST_TABS = 4;
/** All is well again after so long, or never. */
const SETTLED_WITHIN_MS = 180_000;

/** Something that went wrong. */
export interface Happened {
  readonly name: string;
  readonly at: number;
  /** When it was mended. */
  until: number;
  /** Whether that instance owned the conversation when it began, or when it ended. */
  hitsOwner: boolean;
}

/** One history while it runs. */
export interface Scene {
  readonly shared: Shared;
  readonly instances: SimulatedInstance[];
  readonly tabs: SimulatedTab[];
  readonly happened: Happened[];
  readonly notes: Notes;
  readonly sent: { readonly command: Command & { type: 'turn.send' } }[];
  readonly conversation: ConversationId;
  readonly isSettled: boolean;
}

/** Runs one seeded history over the product's own code, in no time: only what a provider, Redis, the database and the network would do is made up. The same seed does the same again. */
export async function runSimulated(seed: number, without: Without): Promise<Scene> {
  const dice = random(seed);
  const time = new SimulatedTime();
  time.install(() => dice.next());
  try {
    return await run({ time, dice }, without);
  } finally {
    time.uninstall();
  }
}

async function run(stage: Stage, without: Without): Promise<Scene> {
  const { time, dice } = stage;
  const redis = new SimulatedRedis(stage);
  const shared: Shared = { stage, data: new StoredData(without, () => time.now), redis, calls: { replies: 0, titles: 0 }, master: newKey(), user: newId<UserId>(), faults: NO_FAULTS, away: { redis: false, database: false }, mistakes: [] };
  const instances = Array.from({ length: 2 + dice.below(2) }, () => new SimulatedInstance(shared));
  for (const instance of instances) instance.start();
  await time.until(() => instances.every(({ isUp }) => isUp), 10_000);
  const scene: Scene & { isSettled: boolean } = {
    shared, instances, tabs: [], happened: [], sent: [], conversation: newId<ConversationId>(), isSettled: false,
    notes: { answers: new Map(), shown: new Map(), outOfStep: 0 },
  };
  const checksPositions = without !== 'position';
  addTab(scene, checksPositions);
  send(scene, scene.tabs[0] as SimulatedTab);
  await time.until(() => scene.notes.answers.size > 0, 20_000);
  scene.tabs[0]?.open();
  const mend: (() => void)[] = [];
  for (let step = 0; step < STEPS; step++) {
    act(scene, mend, checksPositions);
    await time.pass(dice.below(3) === 0 ? dice.below(2_500) : dice.below(250));
  }
  for (const heal of mend.splice(0)) heal();
  shared.faults = NO_FAULTS;
  scene.isSettled = await time.until(() => isSettled(scene), SETTLED_WITHIN_MS);
  await time.pass(1_500); // what would follow after all looked well
  for (const tab of scene.tabs) tab.close();
  for (const instance of instances) instance.kill();
  return scene;
}

function act(scene: Scene, mend: (() => void)[], checksPositions: boolean): void {
  const { tabs } = scene;
  const { dice } = scene.shared.stage;
  const tab = dice.pick(tabs);
  const chance = dice.below(100);
  const turn = tab.view?.turn;
  if (chance < 32) send(scene, tab);
  else if (chance < 40 && turn != null) tab.put({ type: 'turn.stop', commandId: newId<CommandId>(), conversation: scene.conversation, turn: turn.id });
  else if (chance < 48) tab.drop();
  else if (chance < 54 && tabs.length < MOST_TABS) addTab(scene, checksPositions);
  else if (chance < 60) reload(scene, tab, checksPositions);
  else if (chance < 90) fail(scene, mend);
}

/** One thing goes wrong, and is mended some time later, whatever else goes wrong meanwhile. */
function fail(scene: Scene, mend: (() => void)[]): void {
  const { time, dice } = scene.shared.stage;
  const [name, begin, longestMs] = dice.pick(FAULTS);
  const owners = scene.instances.filter(({ isOwner }) => isOwner);
  const going = begin(scene, dice);
  if (going === undefined) return;
  const { heal, hit } = going;
  const happened: Happened = { name, at: time.now, until: Infinity, hitsOwner: hit !== undefined && owners.includes(hit) };
  scene.happened.push(happened);
  const once = (): void => {
    if (happened.until !== Infinity) return;
    happened.until = time.now;
    happened.hitsOwner ||= hit?.isOwner === true;
    heal();
  };
  mend.push(once);
  time.later(dice.below(longestMs), once);
}

function addTab({ shared, instances, notes, conversation, tabs }: Scene, checksPositions: boolean, id = newId<TabId>(), entries?: OutboxEntries): void {
  const tab = new SimulatedTab({ stage: shared.stage, instances, user: shared.user, notes, conversation, checksPositions }, id, entries);
  tabs.push(tab);
  if (notes.answers.size > 0) tab.open();
}

/** A page that is loaded again has its outbox still, and nothing else. */
function reload(scene: Scene, tab: SimulatedTab, checksPositions: boolean): void {
  const entries = new OutboxEntries(scene.shared.user, undefined);
  for (const entry of tab.outbox.entries) entries.put(entry);
  tab.close();
  scene.tabs.splice(scene.tabs.indexOf(tab), 1);
  addTab(scene, checksPositions, tab.id, entries);
}

function send({ shared, sent, conversation }: Scene, tab: SimulatedTab): void {
  const { dice } = shared.stage;
  const parent = tab.view === undefined ? null : (pathOf(tab.view).at(-1)?.message.id ?? null);
  const command: Command & { type: 'turn.send' } = {
    type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent, text: `${dice.pick(QUESTIONS)} (${sent.length})`, files: [], model: 'demo/demo' as ModelId,
    mode: dice.below(5) === 0 ? 'stop-and-send' : 'queue',
  };
  sent.push({ command });
  tab.put(command);
}

function isSettled({ tabs, notes, sent }: Scene): boolean {
  if (notes.answers.size < sent.length) return false;
  if (!sent.every(({ command }) => notes.answers.has(command.commandId))) return false;
  const [first] = tabs;
  const replied = new Set(first?.view?.messages.map(({ parent }) => parent));
  if (!sent.every(({ command }) => notes.answers.get(command.commandId)?.ok === false || replied.has(command.message))) return false;
  if (!tabs.every(({ view, follow }) => view !== undefined && follow.state === 'following' && view.turn === null && view.conversation.queue.length === 0 && view.messages.length === first?.view?.messages.length)) return false;
  const thread = JSON.stringify(first?.view?.messages);
  return tabs.every(({ view }) => JSON.stringify(view?.messages) === thread);
}

/** What goes wrong: how it is mended, and the instance that it hits when it is one. */
export interface Going {
  heal(): void;
  readonly hit?: SimulatedInstance;
}

export type Begin = (scene: Scene, dice: Dice) => Going | undefined;
