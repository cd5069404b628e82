import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const top = join(import.meta.dirname, '..');
const sources = globSync('{contracts,machines,server,client,test,infra}/**/*.{ts,mjs}', { cwd: top, exclude: (name) => name === 'node_modules' || name === 'dist' }).filter((file) => !file.includes('dist/'));
const isTest = (file: string): boolean => /\.(test|spec|suite)\.ts$/u.test(file) || file.startsWith('test/');

/** Packages that each folder's shipped code may import. */
const PACKAGES: Record<string, readonly RegExp[]> = {
  contracts: [/^zod$/u],
  machines: [/^xstate/u],
  server: [/^node:/u, /^(xstate|socket\.io|fastify|@fastify\/\w+|fastify-type-provider-zod|openai|@anthropic-ai\/sdk|@google\/genai|@node-rs\/argon2|pino|yaml|image-size|ioredis|prom-client|@opentelemetry\/[\w-]+|mongodb|jose|age-encryption|nodemailer|yazl|@socket\.io\/redis-adapter|google-auth-library|@google-cloud\/(?:storage|bigquery|kms)|@duckdb\/node-api)(\/|$)/u],
  client: [/^lit(\/|$)/u, /^@lit(-labs)?\//u, /^(socket\.io-client|marked|remend|highlight\.js|katex|@noble\/(?:hashes|curves))(\/|$)/u],
  infra: [/^node:/u],
};
/** `infra/cluster.mjs` may start the servers that the tests start. */
const FOLDERS: Record<string, readonly string[]> = { contracts: [], machines: ['contracts'], server: ['contracts', 'machines'], client: ['contracts'], infra: ['test'] };

/** Inside the server: who may import whom. `main.ts` and `cli.ts` compose and may import everything. */
const EDGES: Record<string, readonly string[]> = {
  gateway: ['conversations', 'accounts', 'providers', 'bus', 'observe', 'journal'],
  conversations: ['providers', 'journal', 'bus', 'store', 'observe'],
  accounts: ['store', 'journal'],
  journal: ['store'],
  // Watches from outside, so it knows the ports; what it watches knows no more of it than what it is told.
  observe: ['bus', 'store', 'providers'],
  providers: [], bus: [], store: [], config: ['accounts', 'providers'],
};
const ADAPTERS = ['server/store/sqlite.ts', 'server/store/mongo.ts', 'server/bus/memory.ts', 'server/bus/redis.ts', 'server/journal/sinks/folder.ts', 'server/journal/sinks/cloud-storage.ts', 'server/journal/sinks/duckdb.ts', 'server/journal/sinks/bigquery.ts', 'server/journal/kms/google.ts', 'server/store/sqlite/copies.ts', 'server/store/mongo/copies.ts'];
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|manager|service|handler|types|constants|index)\.ts$/u;

function importsOf(file: string): string[] {
  const text = readFileSync(join(top, file), 'utf8');
  return [...text.matchAll(/^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gmu)].map((match) => (match[1] ?? match[2]) as string);
}

/** What a file imports to run, from the first moment on. */
function valuesOf(file: string): string[] {
  return [...readFileSync(join(top, file), 'utf8').matchAll(/^import\s(?!type\b)[^;]*?from\s'([^']+)'/gmu)].map((match) => match[1] as string);
}

/** These files and all that they import to run, as far as it `belongs`. */
function reachedFrom(files: readonly string[], belongs: (file: string) => boolean): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const name of valuesOf(file).filter((one) => one.startsWith('.'))) {
      const target = relative(top, join(top, dirname(file), name.replace(/\?.*$/u, '')));
      if (belongs(target)) visit(target);
    }
  };
  files.forEach(visit);
  return reached;
}

describe('imports', () => {
  it('are relative with their extension, and reach a file that is there', () => {
    const wrong = sources.flatMap((file) => importsOf(file).filter((name) => name.startsWith('.') && !existsSync(join(top, dirname(file), name.replace(/\?.*$/u, '')))).map((name) => `${file}: ${name}`));
    expect(wrong).toEqual([]);
  });

  it('follow contracts ← machines ← server and contracts ← client, with each folder’s own packages', () => {
    const wrong = sources.filter((file) => !isTest(file) && !file.endsWith('.config.ts')).flatMap((file) => {
      const folder = file.split('/')[0] as string;
      return importsOf(file).filter((name) => {
        if (!name.startsWith('.')) return !PACKAGES[folder]?.some((allowed) => allowed.test(name));
        const target = relative(top, join(top, dirname(file), name)).split('/')[0] as string;
        return target !== folder && !FOLDERS[folder]?.includes(target);
      }).map((name) => `${file}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('inside the server follow the line from the edge to the ports', () => {
    const wrong = sources.filter((file) => file.startsWith('server/') && !isTest(file)).flatMap((file) => {
      const from = file.split('/')[1] as string;
      if (from === 'main.ts' || from === 'cli.ts') return [];
      return importsOf(file).filter((name) => name.startsWith('.')).map((name) => relative(top, join(top, dirname(file), name))).filter((target) => {
        if (ADAPTERS.includes(target) && !file.startsWith(target.replace(/\.ts$/u, ''))) return true; // a part of an adapter, which is called after it, may know it
        if (!target.startsWith('server/') || target.split('/').length === 2) return false;
        const to = target.split('/')[1] as string;
        return !(to === from || from === 'config.ts' || EDGES[from]?.includes(to));
      }).map((target) => `${file} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('of what the client runs from the contracts bring no zod', () => {
    const reached = reachedFrom(sources.filter((name) => name.startsWith('client/') && !isTest(name) && !name.endsWith('.config.ts')), (target) => target.startsWith('contracts/'));
    expect([...reached].filter((file) => file === 'contracts/zod.ts')).toEqual([]);
  });

  it('of what `gorunchat verify` runs bring no package, and of what checks proofs not even Node', () => {
    const packages = (file: string): string[] => valuesOf(file).filter((name) => !name.startsWith('.')).map((name) => `${file}: ${name}`);
    const verifier = [...reachedFrom(['server/cli.ts', 'server/journal/verify/alone.ts'], () => true)];
    expect(verifier).toEqual(expect.arrayContaining(['server/journal/verify/archive.ts', 'contracts/proofs/package-check.ts']));
    expect(verifier.flatMap(packages).filter((one) => !one.includes(': node:'))).toEqual([]);
    expect(verifier.filter((file) => file.startsWith('contracts/proofs/')).flatMap(packages)).toEqual([]);
  });

  it('of the verifier as one file reach nothing whose change would not build it anew', () => {
    const [, hashed = ''] = /once\('client', hashOf\(([^)]+)\)/u.exec(readFileSync(join(top, 'infra/run.mjs'), 'utf8')) ?? [];
    const places = [...hashed.matchAll(/'([^']+)'/gu)].map(([, place]) => place as string);
    expect([...reachedFrom(['server/journal/verify/alone.ts'], () => true)].filter((file) => !places.some((place) => file === place || file.startsWith(`${place}/`)))).toEqual([]);
  });
});

describe('size', () => {
  it('no source file is longer than 400 lines', () => {
    expect(sources.filter((file) => !file.includes('generated')).map((file) => [file, readFileSync(join(top, file), 'utf8').split('\n').length] as const).filter(([, lines]) => lines > 400)).toEqual([]);
  });

  it('no source file exports more than 12 names, contracts more than 20', () => {
    const exported = (file: string): number => new Set([...readFileSync(join(top, file), 'utf8').matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type|enum|let) (\w+)/gmu)].map((match) => match[1])).size;
    expect(sources.filter((file) => exported(file) > (file.startsWith('contracts/') ? 20 : 12)).map((file) => `${file}: ${exported(file)}`)).toEqual([]);
  });

  it('no function is longer than 80 lines (a machine or a template 150)', () => {
    const wrong = sources.filter((file) => !isTest(file)).flatMap((file) => longFunctions(file).map(([name, lines]) => `${file}: ${name} has ${lines}`));
    expect(wrong).toEqual([]);
  });
});

it('no file has a name that says nothing', () => {
  expect(sources.filter((file) => FORBIDDEN_NAMES.test(file))).toEqual([]);
});

/** Functions and methods by their indentation: from the line that opens one to the line that closes it at the same depth. */
function longFunctions(file: string): [string, number][] {
  const lines = readFileSync(join(top, file), 'utf8').split('\n');
  const found: [string, number][] = [];
  lines.forEach((line, start) => {
    const opens = /^(\s*)(?:export )?(?:(?:public |private |protected |override |static )*(?:async )?(?:function\*? )?(?:get |set )?[#\w]+\s*(?:<[^>]*>)?\([^;]*\)[^;=]*|const \w+ = (?:async )?\([^;]*\)[^;]*=>) \{$/u.exec(line);
    if (opens === null || /^\s*(if|for|while|switch|catch|describe|it)\b/u.test(line)) return;
    const end = lines.findIndex((one, index) => index > start && one.startsWith(`${opens[1]}}`));
    const limit = /render\w*\(|draw\w*\(/u.test(line) ? 150 : 80;
    if (end - start + 1 > limit) found.push([line.trim(), end - start + 1]);
  });
  return found;
}
