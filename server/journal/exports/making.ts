import type { ExportForm, PackageMade } from '../../../contracts/exports.ts';
import { MANIFEST, MANIFEST_NOTE, manifestText, recordsPath, STATEMENT } from '../../../contracts/proofs/package-paths.ts';
import type { Counted, Planned, StatementHead } from '../../../contracts/proofs/statement.ts';
import type { Keys } from '../keys.ts';
import type { Key } from '../seal.ts';
import { signedText } from '../signed-note.ts';
import { CSV_HEAD, csvLines } from './forms/csv.ts';
import { emlOf } from './forms/eml.ts';
import { htmlPage } from './forms/html.ts';
import { daysOf, rsmfOf } from './forms/rsmf.ts';
import { type NamedFile, recordLines } from './lines.ts';
import { linesOf, piecesOf, underConversation, type PackageWriter, type Part, type Source, type Under } from './pieces.ts';
import { statementLines, type Order, type PlanWorld } from './plan.ts';
import { README } from './readme.ts';
import { toldOf, type NameOf, type Told } from './told.ts';

/** What packages are made from. */
export interface MakingWorld extends PlanWorld {
  readonly keys: Keys;
  readonly nameOf: NameOf;
}

/** What was ordered, under the key of the package. */
export interface Making extends Order {
  readonly forms: readonly ExportForm[];
  readonly key: Key;
}

/** What a package came to, and where in its pieces the manifest begins. */
export interface Finished {
  readonly made: PackageMade;
  readonly manifestFrom: number;
}

/**
 * Makes a package from the step on that is next: first its statement, which is the plan of all others; then each conversation; then the table; and last the manifest, which names every other file. A step is
 * done again when whoever was at it is lost, and nothing of the steps before it. Whoever asked ends the last one, with the record of it. Throws what the store throws, `conflict` among it when somebody else
 * goes on with it or it was cancelled.
 */
export async function makePackage(world: MakingWorld, making: Making, writer: PackageWriter): Promise<Finished> {
  const plain: Under = { conversation: '', key: making.key };
  await writer.beginAgain();
  if (writer.work.body.step === 0) {
    await writer.file(STATEMENT, [{ under: plain, source: statementLines(world, making) }]);
    await writer.flush();
    let of = 0;
    for await (const _ of includedIn(world, making)) of += 1;
    await writer.endStep({ of });
  }
  const of = writer.work.body.of ?? 0;
  const head = await headOf(world, making);
  let step = 0;
  for await (const planned of includedIn(world, making)) {
    step += 1;
    if (step < writer.work.body.step) continue;
    await addConversation(world, making, writer, head, planned);
    await writer.endStep();
  }
  if (writer.work.body.step === of + 1) {
    if (making.forms.includes('csv')) await writer.file('messages.csv', tableParts(world, making, plain));
    await writer.endStep();
  }
  return finish(world, making, writer, head);
}

type Line = StatementHead | Planned | Counted | { readonly end: string };

async function* statementIn(world: MakingWorld, making: Making): AsyncGenerator<Line> {
  for await (const line of linesOf(piecesOf(world, making.export, making.key))) yield JSON.parse(line) as Line;
}

async function headOf(world: MakingWorld, making: Making): Promise<StatementHead> {
  for await (const line of statementIn(world, making)) return line as StatementHead;
  throw new Error('the statement of a package is missing');
}

/** Each once, though a person and a site may both have it. */
async function* includedIn(world: MakingWorld, making: Making): AsyncGenerator<Planned> {
  const seen = new Set<string>();
  for await (const line of statementIn(world, making)) {
    if (!('isIncluded' in line) || !line.isIncluded || seen.has(line.conversation)) continue;
    seen.add(line.conversation);
    yield line;
  }
}

async function addConversation(world: MakingWorld, making: Making, writer: PackageWriter, head: StatementHead, planned: Planned): Promise<void> {
  const { conversation: id } = planned;
  const folder = `conversations/${id}`;
  // Its key may be in this memory still when another instance has destroyed it.
  const isErased = (await world.store.get('conversation', id))?.body.isErased !== false;
  const key = isErased ? undefined : await world.keys.of(id);
  const under = key === undefined ? undefined : await underConversation(world.keys, making.key, id);
  const told = key === undefined ? undefined : await toldOf(world, planned, key, making.case);
  const file = (path: string, source: Source): Promise<unknown> => writer.file(path, [{ under: under ?? { conversation: '', key: making.key }, source }]);
  const named: NamedFile[] = [];
  for await (const { part, sha256, name } of told?.files() ?? []) {
    const bytes = await told?.bytesOf(part.fileId);
    const path = bytes === undefined ? null : `${folder}/files/${name}`;
    if (bytes !== undefined && path !== null) await file(path, bytes);
    named.push({ file: part.fileId, sha256, path });
  }
  await file(recordsPath(id), recordLines(world, head, planned, key, named));
  if (told !== undefined) await addForms(told, making.forms, folder, file);
}

async function addForms(told: Told, forms: readonly ExportForm[], folder: string, file: (path: string, source: Source) => Promise<unknown>): Promise<void> {
  if (forms.includes('html')) await file(`${folder}/conversation.html`, htmlPage(told));
  if (forms.includes('eml')) await file(`${folder}/conversation.eml`, emlOf(told));
  if (forms.includes('rsmf')) for (const day of await daysOf(told)) await file(`${folder}/${day.day}.rsmf`, rsmfOf(told, day));
}

/** One table over all conversations; the lines of each are under its key. */
async function* tableParts(world: MakingWorld, making: Making, plain: Under): AsyncGenerator<Part> {
  yield { under: plain, source: [Buffer.from(CSV_HEAD)] };
  for await (const planned of includedIn(world, making)) {
    const isErased = (await world.store.get('conversation', planned.conversation))?.body.isErased !== false;
    const key = isErased ? undefined : await world.keys.of(planned.conversation);
    const under = await underConversation(world.keys, making.key, planned.conversation);
    if (key !== undefined && under !== undefined) yield { under, source: csvLines(await toldOf(world, planned, key, making.case)) };
  }
}

async function finish(world: MakingWorld, making: Making, writer: PackageWriter, head: StatementHead): Promise<Finished> {
  const plain: Under = { conversation: '', key: making.key };
  await writer.file('README.txt', [{ under: plain, source: [Buffer.from(README)] }]);
  await writer.flush();
  const manifestFrom = writer.place;
  let [files, bytes] = [0, 0];
  const lines = async function* (): AsyncGenerator<string> {
    yield `{"package":"gorunchat","v":1,"export":${JSON.stringify(making.export)},"at":${head.at},"keys":${JSON.stringify(head.checkpoint.keys)},"files":[`;
    for await (const { file } of piecesOf(world, making.export, making.key)) {
      if (file === undefined) continue;
      yield `${files === 0 ? '\n' : ',\n'}${JSON.stringify({ path: file.path, bytes: file.bytes, sha256: file.sha256 })}`;
      files += 1;
      bytes += file.bytes;
    }
    yield '\n]}\n';
  };
  const { sha256 } = await writer.file(MANIFEST, [{ under: plain, source: lines() }]);
  await writer.file(MANIFEST_NOTE, [{ under: plain, source: [Buffer.from(signedText(manifestText(sha256), await world.signers()))] }]);
  await writer.flush();
  return { made: { conversations: writer.work.body.of ?? 0, files, bytes, manifest: sha256 }, manifestFrom };
}
