// Puts pieces of records into a copy while its files may not grow beyond a size, until one is refused; goes on once there is room; and says what it saw.
import { duckdbSink } from '../../server/journal/sinks/duckdb.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import { recordBody } from '../fixtures/store/documents.ts';
import { limitFiles } from './full-disk.ts';

const { KIND = '', PLACE = '', PIECE = '', BYTES = '', SIZE = '' } = process.env;
/** Of one piece, as whoever ships has it. */
const MOST = 500;
const [piece, size] = [Number(PIECE), Number(SIZE)];
const newSink = () => (KIND === 'duckdb' ? duckdbSink(PLACE) : folderSink(PLACE));
const sink = newSink();
const put = async (from: number, to: number): Promise<void> => sink.putRecords(Array.from({ length: to - from }, (_, index) => ({ place: from + index, record: recordBody((from + index) % 2 === 0 ? 'talk' : 'audit', from + index) })));
const held = async (of = sink): Promise<number> => (await of.held()).size;

let answered = 0;
let refused = '';
limitFiles(process.pid, Number(BYTES));
for (let next = piece; refused === '' && answered < size; next = Math.min(MOST, next * 2)) {
  const end = Math.min(size, answered + next);
  await put(answered, end).then(() => void (answered = end), (error: unknown) => void (refused = String(error)));
}
const then = await Promise.all([sink, newSink()].map((one) => held(one).catch((error: unknown) => String(error))));
limitFiles(process.pid, undefined);
for (let from = await held(); from < size; from = await held()) await put(from, Math.min(size, from + MOST));
process.stdout.write(JSON.stringify({ refused, answered, held: then, size: await held() }));
