import { isReached, limitOf, type Found, type Row, type Spread } from './figures.ts';
import { rounded, shown, wanted } from './table.ts';

/** Where and how a run was made. */
export interface Setting {
  readonly node: string;
  readonly cores: number;
  readonly isQuick: boolean;
  /** ISO 8601. */
  readonly at: string;
  /** The command that repeats it. */
  readonly command: string;
}

/**
 * A run as one page that needs nothing else: no script, no picture, font or sheet from elsewhere, readable by keyboard and without colour. Every figure is a plot
 * with its numbers beside it; ratios share one scale within a scenario.
 */
export function reportOf(setting: Setting, found: readonly Found[]): string {
  const targets = found.flatMap(({ rows }) => rows.flatMap((row) => isReached(row) ?? []));
  const reached = targets.filter(Boolean).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>GoRunChat under load</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>GoRunChat under load</h1>
<p>${escaped(setting.at)} · Node ${escaped(setting.node)}, ${setting.cores} cores${setting.isQuick ? ' · a quick run: once and smaller, not to be quoted' : ''}<br><code>${escaped(setting.command)}</code></p>
<p>${targets.length === 0 ? 'No figure of this run has a target.' : `${reached} of ${targets.length} targets reached.`} A bar reaches from the least to the most of the repeats, its mark is the median. Absolute figures belong to the machine and its neighbours; the ratios are what to read.</p>
${found.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

function sectionOf({ name, setting, rows }: Found): string {
  const ratios = rows.flatMap(({ ratio, target }) => (ratio === undefined ? [] : [ratio.min, ratio.max, 1, ...(target === undefined ? [] : [limitOf(target)])]));
  const scale = scaleOf(ratios);
  return `<section aria-label="${escaped(name)}">
<h2>${escaped(name)}</h2>
<p>${escaped(setting)}</p>
<table>
<thead><tr><th scope="col">figure</th><th scope="col">GoRunChat and its comparator</th><th scope="col">ratio${ratios.length === 0 ? '' : ', the line is 1'}</th><th scope="col">target</th></tr></thead>
<tbody>
${rows.map((row) => lineOf(row, scale)).join('\n')}
</tbody>
</table>
</section>`;
}

function lineOf(row: Row, scale: Scale): string {
  const is = isReached(row);
  const verdict = is === undefined ? '' : `<span class="${is ? 'reached' : 'missed'}">${is ? '✓' : '✗'} ${escaped(wanted(row))}</span>`;
  return `<tr><th scope="row">${escaped(row.what)} <small>(${escaped(row.unit)})</small></th><td>${pairOf(row)}</td><td>${row.ratio === undefined ? '' : ratioOf(row.ratio, row.target, scale)}</td><td>${verdict}</td></tr>`;
}

const BOLD: [string, string] = ['<b>', '</b>'];
const WIDTH = 320;
const LANE = 22;
/** Pixels left for the ends of marks. */
const MARGIN = 4;

/** Both figures from zero on, one lane each. */
function pairOf({ ours, theirs }: Row): string {
  const most = Math.max(ours.max, theirs?.max ?? 0, Number.MIN_VALUE);
  const x = (value: number): number => MARGIN + (Math.max(0, value) / most) * (WIDTH - 2 * MARGIN);
  const lanes = [{ spread: ours, kind: 'ours' }, ...(theirs === undefined ? [] : [{ spread: theirs, kind: 'theirs' }])];
  const text = `GoRunChat ${inWords(ours)}${theirs === undefined ? '' : `, comparator ${inWords(theirs)}`}`;
  return `${plot(text, lanes.length, lanes.map(({ spread, kind }, lane) => `<rect class="${kind} pale" x="${MARGIN}" y="${lane * LANE + 6}" width="${(x(spread.median) - MARGIN).toFixed(1)}" height="10"/>${bar(spread, kind, lane, x)}`).join(''))}<div class="numbers"><span class="ours">${shown(ours, BOLD)}</span>${theirs === undefined ? '' : ` <span class="theirs">${shown(theirs, BOLD)}</span>`}</div>`;
}

function ratioOf(ratio: Spread, target: Row['target'], { x }: Scale): string {
  const limit = target === undefined ? '' : `<line class="target" x1="${x(limitOf(target)).toFixed(1)}" x2="${x(limitOf(target)).toFixed(1)}" y1="0" y2="${LANE}"/>`;
  const one = `<line class="one" x1="${x(1).toFixed(1)}" x2="${x(1).toFixed(1)}" y1="0" y2="${LANE}"/>`;
  return `${plot(`ratio ${inWords(ratio)}`, 1, `${one}${limit}${bar(ratio, 'ours', 0, x)}`)}<div class="numbers">${shown(ratio, BOLD)}</div>`;
}

interface Scale {
  /** Where a ratio stands; ratios are compared by their logarithms. */
  x(value: number): number;
}

function scaleOf(values: readonly number[]): Scale {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log);
  const [low, high] = [Math.min(0, ...logs) - 0.1, Math.max(0, ...logs) + 0.1];
  return { x: (value) => MARGIN + ((Math.log(Math.max(value, Number.MIN_VALUE)) - low) / (high - low)) * (WIDTH - 2 * MARGIN) };
}

function bar({ min, median, max }: Spread, kind: string, lane: number, x: (value: number) => number): string {
  const y = lane * LANE + LANE / 2;
  const from = x(min);
  return `<rect class="${kind}" x="${from.toFixed(1)}" y="${y - 3}" width="${Math.max(1, x(max) - from).toFixed(1)}" height="6"/><circle class="${kind}" cx="${x(median).toFixed(1)}" cy="${y}" r="4"/>`;
}

function plot(text: string, lanes: number, inside: string): string {
  return `<svg role="img" aria-label="${escaped(text)}" width="${WIDTH}" height="${lanes * LANE}" viewBox="0 0 ${WIDTH} ${lanes * LANE}">${inside}</svg>`;
}

function inWords({ min, median, max }: Spread): string {
  return `${rounded(median)} (${rounded(min)} to ${rounded(max)})`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1c2024, #eceef0); --soft: light-dark(#5a6169, #a3abb3); --line: light-dark(#d9dde1, #363b40); --page: light-dark(#fff, #16181a); --ours: light-dark(#0b6e4f, #5fc9a2); --theirs: light-dark(#7a5195, #c4a3dc); --missed: light-dark(#a8071a, #ff8f8f); }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 16px 64px; }
section { overflow-x: auto; border-top: 1px solid var(--line); margin-top: 32px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); font-weight: 400; min-width: 8em; }
thead th, .numbers, small, section > p { color: var(--soft); }
.numbers { font-variant-numeric: tabular-nums; font-size: 13px; }
.numbers .ours { color: var(--ours); } .numbers .theirs { color: var(--theirs); }
svg { display: block; max-width: 100%; }
svg .ours { fill: var(--ours); } svg .theirs { fill: var(--theirs); } svg .pale { opacity: .22; }
.one { stroke: var(--soft); stroke-dasharray: 2 3; } .target { stroke: var(--text); stroke-width: 2; }
.reached { color: var(--ours); } .missed { color: var(--missed); font-weight: 600; }
@media (forced-colors: active) { svg .ours, svg .theirs { fill: CanvasText; } }
`;
