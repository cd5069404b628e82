import { html, type TemplateResult } from 'lit';
import type { HLJSApi, LanguageFn } from 'highlight.js';

/** The languages that are told apart by colour, each fetched with the first block of code that is written in it. */
const LANGUAGES: Readonly<Record<string, () => Promise<{ default: LanguageFn }>>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const ALIASES: Readonly<Record<string, string>> = {
  'c++': 'cpp', cc: 'cpp', cjs: 'javascript', cs: 'csharp', docker: 'dockerfile', golang: 'go', h: 'c', hpp: 'cpp', htm: 'xml', html: 'xml', js: 'javascript', json5: 'json', jsonc: 'json',
  jsx: 'javascript', kt: 'kotlin', md: 'markdown', mjs: 'javascript', mts: 'typescript', patch: 'diff', py: 'python', python3: 'python', rb: 'ruby', rs: 'rust', sh: 'bash', shell: 'bash',
  svg: 'xml', toml: 'ini', ts: 'typescript', tsx: 'typescript', vue: 'xml', yml: 'yaml', zsh: 'bash',
};

/** Markup and styles inside these are coloured too. */
const INNER: Readonly<Record<string, readonly string[]>> = { xml: ['css', 'javascript'], markdown: ['xml'] };

/** Characters of code above which it stays plain: colour is not worth a page that stands still. */
const MOST_CHARACTERS = 60_000;

/** What is behind a fence: the language's name as we know it, and the name of a file when one is given. */
export function readInfo(info: string): { readonly language: string; readonly name: string } {
  const [first = '', second = ''] = info.trim().split(/\s+/, 2);
  const named = /^(?:title|file|filename)=["']?([^"']+)/i.exec(second)?.[1] ?? second;
  const isFile = /^[\w./-]+\.\w+$/.test(named);
  const written = first.toLowerCase().replace(/^\{?\.?|\}$/g, '');
  const extension = /\.(\w+)$/.exec(first)?.[1]?.toLowerCase();
  const language = knownLanguage(written) ?? (extension === undefined ? undefined : knownLanguage(extension)) ?? '';
  return { language, name: isFile ? named : first };
}

function knownLanguage(word: string): string | undefined {
  const name = Object.hasOwn(ALIASES, word) ? ALIASES[word]! : word;
  return Object.hasOwn(LANGUAGES, name) ? name : undefined;
}

/** A run of code; `scope` is what highlight.js takes it for. */
interface Run {
  readonly scope?: string;
  readonly children: readonly (Run | string)[];
}

let core: HLJSApi | undefined;

/** Fetches what a language needs; afterwards `drawCode` colours it at once. Rejects when it cannot be fetched. */
export async function loadLanguage(language: string): Promise<void> {
  core ??= (await import('highlight.js/lib/core')).default;
  for (const name of [language, ...(INNER[language] ?? [])]) {
    const load = LANGUAGES[name];
    if (load && !core.getLanguage(name)) core.registerLanguage(name, (await load()).default);
  }
}

/** Whether `drawCode` can colour this now. `undefined`: not before `loadLanguage`; `false`: never. */
export function isColoured(code: string, language: string): boolean | undefined {
  if (language === '' || code.length > MOST_CHARACTERS) return false;
  return core?.getLanguage(language) === undefined ? undefined : true;
}

/** The code with its words told apart. Only templates: the tree of highlight.js is drawn, its markup is never used. */
export function drawCode(code: string, language: string): readonly (TemplateResult | string)[] {
  if (core === undefined || isColoured(code, language) !== true) return [code];
  const result = core.highlight(code, { language, ignoreIllegals: true }) as unknown as { readonly _emitter: { readonly rootNode: Run } };
  return result._emitter.rootNode.children.map(drawRun);
}

function drawRun(run: Run | string): TemplateResult | string {
  if (typeof run === 'string') return run;
  const children = run.children.map(drawRun);
  const kind = kindOf(run.scope);
  return kind === '' ? html`${children}` : html`<span class=${kind}>${children}</span>`;
}

const KINDS: Readonly<Record<string, string>> = {
  keyword: 'k', literal: 'k', 'selector-tag': 'k', tag: 'k', doctag: 'k', operator: '', section: 'k',
  string: 's', regexp: 's', char: 's', quote: 's', link: 's', code: 's',
  number: 'n', symbol: 'n', bullet: 'n', variable: '', 'template-variable': 'n',
  title: 'f', name: 'f', built_in: 'f', type: 'f', attr: 'f', attribute: 'f', property: '', 'selector-class': 'f', 'selector-id': 'f', class: 'f',
  comment: 'c', meta: 'c', addition: 'add', deletion: 'del',
};

function kindOf(scope: string | undefined): string {
  const first = scope?.split('.')[0] ?? '';
  return Object.hasOwn(KINDS, first) ? KINDS[first]! : '';
}
