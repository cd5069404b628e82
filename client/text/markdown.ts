import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Token, Tokens } from 'marked';
import { decodeEntities } from './entities.ts';
import { type FormulaToken, math } from './math.ts';

/** What stands behind the last character: the caret of a growing text, or nothing. */
export type Ending = TemplateResult | typeof nothing;

type Drawn = TemplateResult | string | typeof nothing;
type BlockToken = Tokens.Heading | Tokens.Paragraph | Tokens.Code | Tokens.Blockquote | Tokens.List | Tokens.Table | Tokens.Hr | Tokens.HTML | Tokens.Text | Tokens.Space | Tokens.Def | FormulaToken;
type SpanToken = Tokens.Text | Tokens.Escape | Tokens.Strong | Tokens.Em | Tokens.Del | Tokens.Codespan | Tokens.Br | Tokens.Link | Tokens.Image | Tokens.Tag | Tokens.Checkbox | FormulaToken;

const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address when people may be led there, else `undefined`: nothing that runs, nothing of this site, nothing half written. */
export function safeAddress(href: string): string | undefined {
  const address = URL.parse(decodeEntities(href));
  return address !== null && SAFE.has(address.protocol) ? address.href : undefined;
}

/** One block as a template. Never markup of the text itself: tags in it are drawn as the characters they are. */
export function drawBlock(given: Token, end: Ending = nothing): Drawn {
  const token = given as BlockToken;
  switch (token.type) {
    case 'heading':
      return drawHeading(token, end);
    case 'paragraph':
      return html`<p dir="auto">${drawInline(token.tokens)}${end}</p>`;
    case 'code':
      return html`<gorun-code part="code" .code=${token.text} .info=${token.lang ?? ''} ?growing=${end !== nothing}></gorun-code>`;
    case 'blockquote':
      return html`<blockquote dir="auto">${drawBlocks(token.tokens, end)}</blockquote>`;
    case 'list':
      return drawList(token, end);
    case 'table':
      return drawTable(token, end);
    case 'hr':
      return html`<hr />`;
    case 'formula-block':
    case 'formula':
      return html`<div class="formula" dir="ltr" tabindex="0" role="group" aria-label=${msg('Formula')} ${math(token.tex, true)}></div>`;
    case 'html':
      return html`<p dir="auto" class="raw">${token.text.trimEnd()}${end}</p>`;
    case 'text':
      return html`${drawInline(token.tokens ?? [token])}${end}`;
    case 'space':
    case 'def':
      return nothing;
    default:
      return html`${drawInline([given])}${end}`;
  }
}

function drawBlocks(tokens: readonly Token[], end: Ending): TemplateResult {
  const last = tokens.findLastIndex((token) => token.type !== 'space');
  return html`${tokens.map((token, index) => drawBlock(token, index === last ? end : nothing))}${last < 0 ? end : nothing}`;
}

/** The thread has its own headings of the second level, one for each message. */
function drawHeading({ depth, tokens }: Tokens.Heading, end: Ending): TemplateResult {
  const text = html`${drawInline(tokens)}${end}`;
  if (depth <= 1) return html`<h3 dir="auto" class="first">${text}</h3>`;
  if (depth === 2) return html`<h3 dir="auto">${text}</h3>`;
  if (depth === 3) return html`<h4 dir="auto">${text}</h4>`;
  if (depth === 4) return html`<h5 dir="auto">${text}</h5>`;
  return html`<h6 dir="auto">${text}</h6>`;
}

function drawList(list: Tokens.List, end: Ending): TemplateResult {
  const items = repeat(
    list.items,
    (_, index) => index,
    (item, index) => html`<li class=${item.task ? 'task' : ''}>${drawItem(item, index === list.items.length - 1 ? end : nothing)}</li>`,
  );
  return list.ordered ? html`<ol dir="auto" start=${list.start === '' ? 1 : list.start}>${items}</ol>` : html`<ul dir="auto">${items}</ul>`;
}

/** A loose item has its check box inside its first paragraph, a tight one beside its text; drawn alike. */
function drawItem(item: Tokens.ListItem, end: Ending): TemplateResult {
  if (!item.task) return drawBlocks(item.tokens, end);
  const said = item.checked ? msg('Done') : msg('Not done');
  return html`<input type="checkbox" disabled aria-label=${said} .checked=${item.checked ?? false} /> ${drawBlocks(item.tokens, end)}`;
}

function drawTable(table: Tokens.Table, end: Ending): TemplateResult {
  const names = table.header.map((cell) => plainText(cell.tokens)).filter((name) => name !== '').join(', ');
  const lastRow = table.rows.length - 1;
  return html`<div class="table" part="table" tabindex="0" role="group" aria-label=${msg(str`Table: ${names}`)}>
    <table dir="auto">
      <thead><tr>${table.header.map((cell) => html`<th scope="col" class=${sideOf(cell)}>${drawInline(cell.tokens)}</th>`)}</tr></thead>
      <tbody>${table.rows.map((row, index) => html`<tr>${row.map((cell, column) => drawCell(cell, column, index === lastRow && column === row.length - 1 ? end : nothing))}</tr>`)}</tbody>
    </table>${lastRow < 0 ? end : nothing}
  </div>`;
}

/** The first cell names the row, unless its column is aligned as numbers are. */
function drawCell(cell: Tokens.TableCell, column: number, end: Ending): TemplateResult {
  const text = html`${drawInline(cell.tokens)}${end}`;
  return column === 0 && cell.align !== 'right' ? html`<th scope="row" class=${sideOf(cell)}>${text}</th>` : html`<td class=${sideOf(cell)}>${text}</td>`;
}

function sideOf(cell: Tokens.TableCell): string {
  return cell.align === 'right' ? 'end' : cell.align === 'center' ? 'middle' : '';
}

function drawInline(tokens: readonly Token[]): Drawn[] {
  return tokens.map(drawSpan);
}

function drawSpan(given: Token): Drawn {
  const token = given as SpanToken;
  switch (token.type) {
    case 'text':
      return token.tokens ? html`${drawInline(token.tokens)}` : decodeEntities(token.text);
    case 'escape':
      return token.text;
    case 'strong':
      return html`<strong>${drawInline(token.tokens)}</strong>`;
    case 'em':
      return html`<em>${drawInline(token.tokens)}</em>`;
    case 'del':
      return html`<del>${drawInline(token.tokens)}</del>`;
    case 'codespan':
      return html`<code dir="ltr">${token.text}</code>`;
    case 'br':
      return html`<br />`;
    case 'link':
      return drawLink(token.href, html`${drawInline(token.tokens)}`);
    case 'image':
      return drawLink(token.href, token.text === '' ? msg('Image') : decodeEntities(token.text));
    case 'formula':
    case 'formula-block':
      return html`<span class=${token.isDisplay ? 'formula' : 'math'} dir="ltr" ${math(token.tex, token.isDisplay)}></span>`;
    case 'html':
      /* Line breaks inside table cells can be written in no other way. */
      return /^<br\s*\/?>$/i.test(token.text) ? html`<br />` : token.text;
    case 'checkbox':
      return nothing;
    default:
      return given.raw;
  }
}

/** A link that may not be followed is drawn as what it says. Images are links too: nothing is fetched from elsewhere unasked. */
function drawLink(href: string, text: TemplateResult | string): Drawn {
  const address = safeAddress(href);
  return address === undefined ? text : html`<a href=${address} target="_blank" rel="noopener noreferrer">${text}</a>`;
}

function plainText(tokens: readonly Token[]): string {
  return tokens.map((token) => ('tokens' in token && token.tokens ? plainText(token.tokens) : decodeEntities('text' in token ? String(token.text) : token.raw))).join('');
}
