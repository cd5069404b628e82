import sheetAddress from 'katex/dist/katex.min.css?url';
import { noChange } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';
import type { Tokens, TokenizerExtension } from 'marked';

/** A formula found in markdown. `isDisplay` formulas stand on a line of their own. */
export interface FormulaToken extends Tokens.Generic {
  readonly type: 'formula' | 'formula-block';
  readonly tex: string;
  readonly isDisplay: boolean;
}

const BLOCK = /^ {0,3}(?:\$\$((?:(?!\n[ \t]*\n|\$\$)[\s\S])+?)\$\$|\\\[((?:(?!\n[ \t]*\n|\\\])[\s\S])+?)\\\])[ \t]*(?:\n|$)/;
const BLOCK_START = /^ {0,3}(?:\$\$|\\\[)/m;
const INLINE = /^(?:\$\$([^\n$]+?)\$\$|\\\[([^\n]+?)\\\]|\\\(([^\n]+?)\\\)|\$(?![\s$])((?:\\[^\n]|[^$\\\n])+?)(?<!\s)\$(?![\d$]))/;
const INLINE_START = /(?<![\w$\\])\$(?!\s)|\\[[(]/;
/** "10 to 15", "5 per kg, or 6": sums of money, not formulas. */
const MONEY = /^[\d.,]+(?:\s|-|–|\/|$)(?![^\\^_=+{}]*[\\^_=+{}])/;

/** What marked needs to find `$$…$$`, `\[…\]`, `\(…\)` and, where it cannot be money, `$…$`. */
export const formulaRules: TokenizerExtension[] = [
  {
    name: 'formula-block',
    level: 'block',
    start: (source) => BLOCK_START.exec(source)?.index,
    tokenizer(source): FormulaToken | undefined {
      const found = BLOCK.exec(source);
      const tex = (found?.[1] ?? found?.[2])?.trim();
      return found && tex ? { type: 'formula-block', raw: found[0], tex, isDisplay: true } : undefined;
    },
  },
  {
    name: 'formula',
    level: 'inline',
    start: (source) => INLINE_START.exec(source)?.index,
    tokenizer(source): FormulaToken | undefined {
      const found = INLINE.exec(source);
      if (found === null || (found[4] !== undefined && MONEY.test(found[4]))) return undefined;
      const tex = (found[1] ?? found[2] ?? found[3] ?? found[4] ?? '').trim();
      return tex === '' ? undefined : { type: 'formula', raw: found[0], tex, isDisplay: (found[1] ?? found[2]) !== undefined };
    },
  },
];

interface Setter {
  readonly render: (tex: string, element: HTMLElement, isDisplay: boolean) => void;
  readonly sheet: CSSStyleSheet;
}

let setter: Setter | undefined;
let loading: Promise<Setter> | undefined;

/** A page of another site is not ours to put a style sheet into, and its policy may forbid it. There the browser draws formulas with what it has. */
const isOwnPage = new URL(import.meta.url).origin === location.origin;

function putFaces(resolve: () => void, reject: (error: Error) => void): void {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: sheetAddress, onload: resolve });
  link.onerror = () => {
    link.remove(); // the next formula tries again
    reject(new Error(sheetAddress));
  };
  document.head.append(link);
}

/** KaTeX's sheet is needed twice: faces of type count only in the document, everything else only inside the shadow root. */
async function loadSheet(): Promise<string> {
  const [{ default: text }] = await Promise.all([import('katex/dist/katex.min.css?inline'), new Promise<void>(putFaces)]);
  return text;
}

/** KaTeX comes with the first formula. */
async function loadSetter(): Promise<Setter> {
  const [{ default: katex }, text] = await Promise.all([import('katex'), isOwnPage ? loadSheet() : '']);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  setter = {
    sheet,
    render: (tex, element, displayMode) => katex.render(tex, element, { displayMode, output: isOwnPage ? 'htmlAndMathml' : 'mathml', throwOnError: true, trust: false, strict: 'ignore', maxExpand: 500, maxSize: 20 }),
  };
  return setter;
}

class MathDirective extends Directive {
  private shown: string | undefined;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('a formula fills an element');
  }

  render(_tex: string, _isDisplay: boolean): unknown {
    return noChange;
  }

  override update(part: ElementPart, [tex, isDisplay]: [string, boolean]): unknown {
    const element = part.element as HTMLElement;
    const wanted = `${isDisplay} ${tex}`;
    if (this.shown === wanted) return noChange;
    this.shown = wanted;
    /* Before its template is inserted the element is in no shadow root yet, but the root that it will be in is known. */
    const root = (part.options?.host as Element | undefined)?.shadowRoot ?? undefined;
    if (setter) typeset(setter, tex, element, isDisplay, root);
    else {
      element.textContent = tex;
      loading ??= loadSetter();
      loading.then(
        (ready) => this.shown === wanted && typeset(ready, tex, element, isDisplay, root),
        () => (loading = undefined),
      );
    }
    return noChange;
  }
}

/** A formula that KaTeX cannot read stays readable as it was written. */
function typeset(ready: Setter, tex: string, element: HTMLElement, isDisplay: boolean, root: ShadowRoot | undefined): void {
  if (root !== undefined && !root.adoptedStyleSheets.includes(ready.sheet)) root.adoptedStyleSheets.push(ready.sheet);
  try {
    ready.render(tex, element, isDisplay);
    element.classList.remove('source');
  } catch {
    element.textContent = tex;
    element.classList.add('source');
  }
}

/** Sets the formula into the element: its source at once, the typeset formula as soon as KaTeX is there. */
export const math = directive(MathDirective);
