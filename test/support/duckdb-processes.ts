import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE_ENVIRONMENT } from './process.ts';

const READ = `
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(process.env.FILE, { access_mode: 'READ_ONLY' })).connect();
const [[count]] = (await connection.runAndReadAll('SELECT COUNT(*) FROM records')).getRowsJS();
process.stdout.write(String(count));
process.stdin.resume();
`;

/** Somebody in a process of their own who has the file open to read, and the number of records that they find. */
export async function inOtherProcess(file: string): Promise<{ readonly count: number; close(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', READ], { env: { ...NODE_ENVIRONMENT, FILE: file }, stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    count: Number(said.toString()),
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const BEGIN = `
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(process.env.FILE)).connect();
await connection.run('CREATE TABLE begun (place BIGINT)');
process.stdout.write('begun');
process.stdin.resume();
`;

/** Somebody in a process of their own who is in the middle of beginning this file, until they are killed there. */
export async function beginningInOtherProcess(file: string): Promise<{ kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', BEGIN], { env: { ...NODE_ENVIRONMENT, FILE: file }, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Puts pieces of records into the file until it has said so of as many, and is killed while it goes on. Resolves with how many records were answered for. */
export async function killedWriter(file: string, piece: number, pieces: number): Promise<{ readonly size: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'duckdb-writer.ts')], { env: { ...NODE_ENVIRONMENT, FILE: file, PIECE: String(piece) }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = 0;
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString().split('\n').length - 1;
    if (said >= pieces) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return { size: said * piece };
}
