import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, CommandOf } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, UserId } from '../../contracts/ids.ts';
import type { Bus } from '../../server/bus/bus.ts';
import { memoryBus } from '../../server/bus/memory.ts';
import { Directory } from '../../server/conversations/directory.ts';
import { DraftTick } from '../../server/conversations/draft-tick.ts';
import { openFiles } from '../../server/conversations/files.ts';
import { KEPT } from '../../server/conversations/retention.ts';
import { newId } from '../../server/ids.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { UNCOUNTED } from '../../server/observe/metrics.ts';
import { openCatalog } from '../../server/providers/catalog.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { DEMO } from './tab.ts';

export const user = newId<UserId>();
export const actor = { user, session: null, address: '', agent: '' };

export function newSend(conversation: ConversationId): CommandOf<'turn.send'> {
  return { type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent: null, text: 'Hello', files: [], model: DEMO, mode: 'queue' };
}

/** The actors of an instance without a gateway, whose clock and load a test sets, and whose open tabs are `watched`. `around` stands between them and their bus. */
export async function newDirectory(watched: ReadonlySet<ConversationId> = new Set(), around: (bus: Bus) => Bus = (bus) => bus, demoWordsPerSecond = 5_000) {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const store = await sqliteStore({ folder });
  const keys = openKeys(store, newKey());
  const bus = around(memoryBus());
  const clock = { at: 1_000_000, now: () => clock.at };
  const load = { isBehind: (): boolean => false };
  const world = {
    store, tick: new DraftTick(store, bus), catalog: openCatalog([], { demoWordsPerSecond }), files: openFiles(store, keys, { now: () => clock.at, restoreMs: 1 }), clock, metrics: UNCOUNTED,
    isBehind: () => load.isBehind(), keyOf: () => () => Promise.resolve(undefined), restoreMs: 1, epochsAfter: 0, retention: KEPT, showsHolds: false, certifying: () => Promise.resolve({ id: 'deployment', key: newKey() }), costOf: () => undefined, forgetKey: () => undefined, takenOver: () => undefined, warn: () => undefined,
  };
  const ended = new Map<ConversationId, () => void>();
  const newOne = (): Directory => new Directory(world, bus, keys, {
    isWatched: (id) => watched.has(id),
    onRow: (live) => void (live.view.conversation.titledBy === 'model' && ended.get(live.id)?.()),
  });
  const directories = [newOne()] as [Directory, ...Directory[]];
  const [directory] = directories;
  /** Another one on the same store and bus, as after a restart. */
  const again = (): Directory => {
    const next = newOne();
    directories.push(next);
    return next;
  };
  /** Resolves when the conversation has its first reply and a title. */
  const titled = (conversation: ConversationId): Promise<void> => new Promise((resolve) => ended.set(conversation, resolve));
  const begin = async (): Promise<ConversationId> => {
    const conversation = newId<ConversationId>();
    const done = titled(conversation);
    await directory.command(newSend(conversation), actor);
    await done;
    return conversation;
  };
  const ask = (command: Parameters<Directory['command']>[0]): Promise<Answer> => directory.command(command, actor);
  return {
    directory, again, store, clock, load, begin, ask, titled,
    async [Symbol.asyncDispose]() {
      await Promise.all(directories.map((one) => one.close()));
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
