import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const top = join(import.meta.dirname, '..');
const rules = new Set([...readFileSync(join(top, 'contracts/PROTOCOL.md'), 'utf8').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gmu)].map((match) => match[1] as string));

/** Rule ids that tests quote in a title, with the files that quote them. */
function quoted(): Map<string, string[]> {
  const files = globSync(['{contracts,machines,server,client,test}/**/*.{test,spec,suite}.ts'], { cwd: top });
  const found = new Map<string, string[]>();
  for (const file of files.filter((name) => !name.includes('node_modules') && !name.endsWith('rules.test.ts'))) {
    for (const [, id] of readFileSync(join(top, file), 'utf8').matchAll(/\[([A-Z]{2}\d+)\]/gu)) found.set(id as string, [...(found.get(id as string) ?? []), file]);
  }
  return found;
}

it('every rule of the protocol has a test that names it', () => {
  const tested = quoted();
  expect([...rules].filter((rule) => !tested.has(rule))).toEqual([]);
});

it('no test names a rule that the protocol does not have', () => {
  expect([...quoted()].filter(([rule]) => !rules.has(rule))).toEqual([]);
});
