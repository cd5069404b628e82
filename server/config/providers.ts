import { PROVIDER_KINDS, type ProviderKind, type ProviderSettings } from '../providers/settings.ts';
import type { Variables } from './environment.ts';
import type { SettingsFile } from './file.ts';
import type { Problems } from './problems.ts';
import { ProviderEntry, ProviderId } from './schema.ts';

/** In place of a key: each person brings one. */
const OWN = 'user_provided';
const NAMES: Record<string, string> = { openai: 'OpenAI', anthropic: 'Anthropic', google: 'Google' };

/** The variables that LibreChat reads for a provider, under the id it then has. */
const KNOWN = [
  { id: 'openai', kind: 'openai', key: 'OPENAI_API_KEY', models: 'OPENAI_MODELS', baseUrl: 'OPENAI_REVERSE_PROXY' },
  { id: 'anthropic', kind: 'anthropic', key: 'ANTHROPIC_API_KEY', models: 'ANTHROPIC_MODELS', baseUrl: 'ANTHROPIC_REVERSE_PROXY' },
  { id: 'google', kind: 'google', key: 'GOOGLE_KEY', models: 'GOOGLE_MODELS', baseUrl: undefined },
] as const;

/**
 * Every provider of the file, then those that only the environment names. Where both speak of one, the file wins for what it says.
 * Where nobody says anything, people may bring keys of their own for the well-known ones.
 */
export function readProviders(file: SettingsFile | undefined, variables: Variables, problems: Problems): ProviderSettings[] {
  const map = file?.content['providers'];
  const given = typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.keys(map).filter((id) => ProviderId.safeParse(id).success) : [];
  const fromEnvironment = new Map(KNOWN.filter(({ key }) => variables.text(key) !== undefined).map((known) => [known.id as string, entryOf(known, variables)]));
  const entries = given.map((id) => ({ id, entry: file?.take(ProviderEntry, ['providers', id], problems), place: (field: string) => file?.place(['providers', id, field]) ?? id }));
  const settings = entries.flatMap(({ id, entry, place }) => (entry === undefined ? [] : settingsOf(id, { ...fromEnvironment.get(id), ...entry }, place, variables, problems)));
  const others = [...fromEnvironment].filter(([id]) => !given.includes(id));
  const all = [...settings, ...others.flatMap(([id, entry]) => settingsOf(id, entry, (field) => variableOf(id, field), variables, problems))];
  if (areNamed(map, variables)) return all;
  return KNOWN.flatMap(({ id, kind }) => settingsOf(id, { kind, key: OWN }, () => id, variables, problems));
}

/** Whether the file or the environment names a provider. */
export function areNamed(map: unknown, variables: Variables): boolean {
  return map !== undefined || KNOWN.some(({ key }) => variables.text(key) !== undefined);
}

function entryOf(known: (typeof KNOWN)[number], variables: Variables): ProviderEntry {
  const key = variables.text(known.key);
  const models = variables.list(known.models)?.map((name) => ({ name }));
  const baseUrl = known.baseUrl === undefined ? undefined : variables.text(known.baseUrl);
  // What stands in front of OpenAI speaks Chat Completions more surely than anything newer.
  const kind: ProviderKind = known.kind === 'openai' && baseUrl !== undefined ? 'openai-compatible' : known.kind;
  return { kind, ...(key !== undefined && { key: asWritten(key) }), ...(models !== undefined && { models }), ...(baseUrl !== undefined && { baseUrl }) };
}

/** A key from the environment is taken as it is, whatever signs it holds. */
const asWritten = (key: string): string => key.replaceAll('${', '$\u0000{');

function variableOf(id: string, field: string): string {
  const known = KNOWN.find((one) => one.id === id);
  const name = known?.[field as 'key'];
  return name ?? known?.key ?? id;
}

function settingsOf(id: string, entry: ProviderEntry, place: (field: string) => string, variables: Variables, problems: Problems): ProviderSettings[] {
  const kind = entry.kind ?? PROVIDER_KINDS.find((one) => one === id);
  if (id === 'demo') problems.add(place('kind'), 'demo is the scripted demo; another name is needed');
  if (id === 'site') problems.add(place('kind'), 'site stands for the models of sites; another name is needed');
  if (kind === undefined) {
    problems.add(place('kind'), `must be one of ${PROVIDER_KINDS.join(', ')}`);
    return [];
  }
  const key = entry.key === undefined || entry.key === OWN ? undefined : variables.fill(entry.key, place('key'))?.replaceAll('$\u0000{', '${');
  const models = entry.models ?? [];
  checkKey(key, entry, kind, id, place, problems);
  const twice = models.map((model) => model.name).filter((name, index, all) => all.indexOf(name) !== index);
  for (const name of new Set(twice)) problems.add(place('models'), `names ${name} more than once`);
  const fetch = entry.fetch ?? models.length === 0;
  if (!fetch && models.length === 0) problems.add(place('models'), 'must name a model when fetch is false');
  if (entry.background === true && kind !== 'openai') problems.add(place('background'), 'is for the kind openai only: no other provider keeps its responses');
  const baseUrl = baseUrlOf(kind, entry.baseUrl, place('baseUrl'), variables, problems);
  const headers = headersOf(entry.headers ?? {}, place('headers'), variables, problems);
  return [{ id, kind, name: entry.name ?? NAMES[id] ?? id, baseUrl, key, ownKeys: entry.key === OWN, headers, models, fetch, titleModel: entry.titleModel, background: entry.background === true }];
}

function checkKey(key: string | undefined, entry: ProviderEntry, kind: ProviderKind, id: string, place: (field: string) => string, problems: Problems): void {
  const variable = KNOWN.find((one) => one.kind === kind);
  if (entry.key === undefined && variable !== undefined) {
    problems.add(place('key'), `is needed: a key, ${OWN}, or \${NAME} for an environment variable${id === variable.id ? ` (${variable.key} is taken by itself)` : ''}`);
  }
  if (key !== undefined && !isHeaderText(key)) problems.add(place('key'), 'holds signs that no key has');
}

function headersOf(given: Readonly<Record<string, string>>, place: string, variables: Variables, problems: Problems): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const filled = variables.fill(value, `${place}.${name}`);
    if (filled === undefined) continue;
    if (isHeaderText(filled)) headers[name] = filled;
    else problems.add(`${place}.${name}`, 'holds signs that no header may hold');
  }
  return headers;
}

const isHeaderText = (text: string): boolean => /^[\x20-\x7e\x80-\xff]*$/u.test(text);

/** The address as the SDK of that kind wants it. */
function baseUrlOf(kind: ProviderKind, given: string | undefined, place: string, variables: Variables, problems: Problems): string | undefined {
  if (given === undefined) {
    if (kind === 'openai-compatible') problems.add(place, 'is needed: the address of the server, such as http://localhost:11434/v1');
    return undefined;
  }
  const filled = variables.fill(given, place);
  if (filled === undefined) return undefined;
  const url = URL.parse(filled);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) problems.add(place, 'must be an address that begins with http:// or https://');
  else if (url.username !== '' || url.password !== '') problems.add(place, 'must not hold a name or a password; headers can');
  const bare = filled.replace(/\/+$/u, '');
  if (kind === 'anthropic' || kind === 'google') return bare.replace(/\/v1(beta)?$/u, '');
  return bare.replace(/\/(chat\/completions|responses)$/u, '');
}
