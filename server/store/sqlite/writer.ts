import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { answerGroups, outcomeOf, sayReady } from './answering.ts';
import type { Afterwards, Outcome, WiredCommit, WorkerSetup, WriterCall } from './calls.ts';
import { lockFolder } from './folder.ts';
import { keysIn } from './keys.ts';
import { mainFile } from './main-file.ts';
import type { MainFile } from './main-file.ts';
import { openFile } from './migrations.ts';
import { finishRestore } from './restored.ts';
import { declareKinds, FILES, mainKinds, MIGRATIONS } from './schema.ts';
import { wordsIn } from './words.ts';
import type { Words } from './words.ts';
import { putAway } from './write-ahead.ts';

/**
 * The thread that alone writes everything but drafts. It takes the folder, brings all files up to date and says what was left undone; then it commits what has
 * arrived, group by group.
 */
async function serveWrites(port: MessagePort, setup: WorkerSetup): Promise<void> {
  const lock = lockFolder(setup.folder);
  finishRestore(setup.folder);
  const db = await openAll(setup);
  const words = wordsIn(db.search, { mainPath: join(setup.folder, FILES.main), mainMark: markOf(db.main), kinds: setup.kinds });
  const main = mainFile(db.main, { keys: keysIn(db.keys), words, kinds: mainKinds(setup.kinds) });
  answerGroups<WriterCall>(port, (calls) => answerWrites(calls, main, words), () => {
    try {
      main.close();
    } catch {
      // What could not be written anew is, at the next opening: that stands in the main file.
    }
    for (const file of [db.main, db.keys, db.search]) putAway(file);
    lock.release();
  });
  sayReady<readonly Afterwards[]>(port, main.unfinished());
}

function answerWrites(calls: readonly WriterCall[], main: MainFile, words: Words): readonly Outcome[] {
  const commits: WiredCommit[] = [];
  for (const call of calls) {
    if (call.do !== 'commit') continue;
    main.finish(call.finished);
    commits.push(call.commit);
  }
  const outcomes = (commits.length === 0 ? [] : main.commit(commits)).values();
  return calls.map((call) => (call.do === 'commit' ? outcomes.next().value as Outcome : outcomeOf(() => words.behind(call.limit))));
}

interface Opened {
  readonly main: DatabaseSync;
  readonly keys: DatabaseSync;
  readonly search: DatabaseSync;
}

async function openAll({ folder, kinds, mostPages }: WorkerSetup): Promise<Opened> {
  const open = (file: keyof typeof FILES, synchronous: 'FULL' | 'NORMAL'): Promise<DatabaseSync> =>
    openFile({ path: join(folder, FILES[file]), migrations: MIGRATIONS[file], synchronous });
  const main = await open('main', 'FULL');
  declareKinds(main, mainKinds(kinds));
  if (mostPages !== null) main.exec(`PRAGMA max_page_count = ${Number(mostPages)}`);
  (await open('drafts', 'NORMAL')).close();
  return { main, keys: await open('keys', 'FULL'), search: await open('search', 'NORMAL') };
}

function markOf(main: DatabaseSync): number {
  return (main.prepare('SELECT mark FROM _words').get() as { mark: number }).mark;
}

if (parentPort !== null) await serveWrites(parentPort, workerData as WorkerSetup);
