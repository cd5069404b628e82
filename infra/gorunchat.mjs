#!/usr/bin/env node
// The command `gorunchat`: plain JavaScript, because a Node that is too old cannot read TypeScript and must still say what is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const fetched = join(top, '.cache/node-24.21.0/node_modules', `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`, 'bin/node');
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : existsSync(fetched) ? fetched : undefined;
if (node === undefined) {
  process.stderr.write(`gorunchat needs Node 24 or newer; this is ${process.versions.node}. Run npm start once, or install Node 24.\n`);
  process.exit(2);
}
const child = spawn(node, [join(top, 'server/cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
process.on('SIGINT', () => undefined); // the terminal gives it to the child too
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
