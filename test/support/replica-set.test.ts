import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMongod } from './mongod.ts';
import { leftUntested } from './mongo.ts';

const top = join(import.meta.dirname, '../..');

describe('a mongod for the tests', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bin-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A program that does as this script of a shell says. */
  const program = (script: string): string => {
    const file = join(folder, 'mongod');
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  };

  it('is made the one member of a replica set, has elected itself when it is given, and takes its data with it', async () => {
    const { uri, stop } = await startMongod(program(`exec "${process.execPath}" "${join(import.meta.dirname, 'fake-mongod.ts')}" "$@"`));
    const { host } = new URL(uri);
    const client = new MongoClient(uri);
    const { values, initiated, electionLasts } = await client.db('admin').command({ whatWasAsked: 1 });
    await client.close();
    expect(initiated).toEqual({ _id: 'rs0', members: [{ _id: 0, host }] });
    expect(electionLasts).toBeLessThan(0);
    expect(values).toMatchObject({ replSet: 'rs0', bind_ip: '127.0.0.1', port: host.split(':')[1] });
    expect(existsSync(values.dbpath)).toBe(true);
    await stop();
    expect(existsSync(values.dbpath)).toBe(false);
    const [refused] = await once(connect(Number(values.port), '127.0.0.1'), 'error');
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that ends by itself is told with its last words, and leaves nothing behind', async () => {
    const told = await startMongod(program('while [ "$1" != --dbpath ]; do shift; done; echo "Unrecognised option in $2"; exit 2')).catch(String);
    expect(told).toMatch(/mongod cannot be used: it ended \(2\) and said: Unrecognised option in \S+$/u);
    expect(existsSync(/in (\S+)$/u.exec(told as string)?.[1] ?? '.')).toBe(false);
  });

  it('that is not there is told to be so', async () => {
    await expect(startMongod(join(folder, 'nowhere'))).rejects.toThrow(/nowhere cannot be used: .*ENOENT/u);
  });
});

it('without MongoDB a run says all that it leaves untested, and one of some files no more than that', () => {
  const files = globSync('{contracts,machines,server,test}/**/*.mongo*.test.ts', { cwd: top });
  expect(leftUntested(files, true)).toBe('the store and the sealer on MongoDB; flows, outages and takeover of several instances on MongoDB and Redis; seeded histories of several instances; the browser tests on MongoDB and Redis, and on two instances');
  for (const file of files) expect(leftUntested([file], false)).not.toBe('');
  expect(leftUntested(files.filter((file) => file.includes('/ports/')), false)).toBe('the store and the sealer on MongoDB');
});
