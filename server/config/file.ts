import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from '../../contracts/zod.ts';
import { nearest, sentenceOf, type Problems } from './problems.ts';

type Path = readonly PropertyKey[];

/** A settings file as it was read: what it holds, and where each thing stands. */
export interface SettingsFile {
  readonly content: Readonly<Record<string, unknown>>;
  /** What paths in it are relative to. */
  readonly folder: string;
  /** `gorunchat.yaml:12 providers.openai.kind`. */
  place(path: Path): string;
  /** The part at `path` as `schema` has it. What is wrong is added to the problems and left out of the answer, so that the rest can be looked at as well. */
  take<T>(schema: z.ZodType<T>, path: Path, problems: Problems): T | undefined;
}

/** The file that is named, else `gorunchat.yaml` in the working folder when there is one. */
export function readSettingsFile(named: string | undefined, workingFolder: string, problems: Problems): SettingsFile | undefined {
  const path = resolve(workingFolder, named ?? 'gorunchat.yaml');
  if (named === undefined && !existsSync(path)) return undefined;
  const shown = named ?? 'gorunchat.yaml';
  try {
    return settingsFile(readFileSync(path, 'utf8'), shown, dirname(path), problems);
  } catch (error) {
    problems.add(shown, `could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
    return undefined;
  }
}

function settingsFile(source: string, shown: string, folder: string, problems: Problems): SettingsFile | undefined {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) problems.add(`${shown}:${lines.linePos(error.pos[0]).line}`, `is not valid YAML: ${error.message}`);
  if (document.errors.length > 0) return undefined;
  const content = contentOf(document);
  if (content === undefined) {
    problems.add(shown, 'must be a map of settings');
    return undefined;
  }
  const place = (path: Path): string => {
    const offset = offsetOf(document, path);
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    return `${shown}${line}${path.length === 0 ? '' : ` ${path.map(String).join('.')}`}`;
  };
  return {
    content,
    folder,
    place,
    take(schema, path, into) {
      const value = path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], content);
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      for (const issue of result.error.issues) tell(issue, schema, path, place, into);
      return schema.safeParse(without(value, result.error.issues)).data;
    },
  };
}

/** A map without the entries that are wrong. */
function without(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const wrong = new Set(issues.flatMap((issue) => (issue.path.length === 0 && issue.code === 'unrecognized_keys' ? issue.keys : issue.path.slice(0, 1).map(String))));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !wrong.has(name)));
}

function contentOf(document: Document): Record<string, unknown> | undefined {
  try {
    // A name with nothing behind it is as good as not there: whoever comments a list out need not remove its title.
    const content: unknown = document.toJS({ reviver: (_name, value: unknown) => value ?? undefined }) ?? {};
    return typeof content === 'object' && !Array.isArray(content) ? (content as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // references that lead nowhere, or multiply without end
  }
}

/** Where the key of a path stands, else the nearest thing around it. */
function offsetOf(document: Document, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const around: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(around) ? around.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path[length - 1])) : undefined;
    if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0];
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range !== undefined) return range[0];
  }
  return undefined;
}

function tell(issue: z.core.$ZodIssue, schema: z.ZodType, base: Path, place: (path: Path) => string, problems: Problems): void {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.flat().filter((one) => one.path.length > 0 || one.code === 'unrecognized_keys');
    if (nested.length > 0) for (const one of nested) tell(one, schema, path, place, problems);
    else problems.add(place(path), sentenceOf(issue));
    return;
  }
  if (issue.code !== 'unrecognized_keys') {
    problems.add(place(path), sentenceOf(issue));
    return;
  }
  const known = namesAt(schema, issue.path);
  for (const key of issue.keys) {
    const like = nearest(key, known);
    problems.add(place([...path, key]), `is not a setting${like === undefined ? '' : `; ${like} is`}`);
  }
}

/** The names that a schema knows at a path, as far as it is made of plain objects. */
function namesAt(schema: unknown, path: Path): string[] {
  let at = schema as { shape?: Record<string, unknown>; unwrap?: () => unknown; element?: unknown; options?: unknown[] } | undefined;
  for (const step of [...path, undefined]) {
    while (at !== undefined && at.shape === undefined && typeof at.unwrap === 'function' && at.element === undefined) at = at.unwrap() as typeof at;
    if (at?.options !== undefined) at = at.options.find((one) => (one as { shape?: unknown }).shape !== undefined) as typeof at;
    if (step === undefined) break;
    at = (typeof step === 'number' ? at?.element : at?.shape?.[String(step)]) as typeof at;
  }
  return Object.keys(at?.shape ?? {});
}
