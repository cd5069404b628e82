// Puts pieces of records into a DuckDB file, and says so after each, until it is killed.
import { duckdbSink } from '../../server/journal/sinks/duckdb.ts';
import { recordBody } from '../fixtures/store/documents.ts';

const { FILE = '', PIECE = '' } = process.env;
const piece = Number(PIECE);
const sink = duckdbSink(FILE);
for (let from = 0; ; from += piece) {
  await sink.putRecords(Array.from({ length: piece }, (_, index) => ({ place: from + index, record: recordBody((from + index) % 2 === 0 ? 'talk' : 'audit', from + index) })));
  process.stdout.write('one\n');
}
