import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { textOn } from '../../../contracts/contrast.ts';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { LANGUAGES, type Language } from '../../../contracts/languages.ts';
import type { Model } from '../../../contracts/models.ts';
import type { BlockedVisitor, SiteKey, SiteSettings } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import { fullTime } from '../../text/times.ts';

/** A site as it is being edited. */
export interface Form {
  readonly draft: SiteSettings;
  readonly models: readonly Model[];
  set(change: Partial<SiteSettings>): void;
}

const valueOf = (event: Event): string => (event.target as HTMLInputElement).value;

/** A labelled field; `hint` stands below it. */
function field(id: string, label: string, control: TemplateResult, hint = ''): TemplateResult {
  return html`<div class="field"><label for=${id}>${label}</label>${control}${hint === '' ? nothing : html`<span class="hint" id="${id}-hint">${hint}</span>`}</div>`;
}

function line(id: string, label: string, value: string, set: (value: string) => void, hint = '', most = 1_000): TemplateResult {
  return field(id, label, html`<input class="input" id=${id} dir="auto" maxlength=${most} aria-describedby=${hint === '' ? nothing : `${id}-hint`} .value=${live(value)} @input=${(event: Event) => set(valueOf(event))} />`, hint);
}

function lines(id: string, label: string, value: string, rows: number, set: (value: string) => void, hint = '', most = 1_000): TemplateResult {
  return field(id, label, html`<textarea class="input" id=${id} dir="auto" rows=${rows} maxlength=${most} aria-describedby=${hint === '' ? nothing : `${id}-hint`} .value=${live(value)} @input=${(event: Event) => set(valueOf(event))}></textarea>`, hint);
}

function amount(id: string, label: string, value: number, set: (value: number) => void): TemplateResult {
  return field(id, label, html`<input class="input" id=${id} type="number" min="1" max="1000000" .value=${live(String(value))} @input=${(event: Event) => set(Number(valueOf(event)))} />`);
}

function choice(id: string, label: string, isOn: boolean, set: (isOn: boolean) => void): TemplateResult {
  return html`<div class="line"><span class="switch"><input id=${id} type="checkbox" role="switch" .checked=${live(isOn)} @change=${(event: Event) => set((event.target as HTMLInputElement).checked)} /><i></i></span><label for=${id}>${label}</label></div>`;
}

/** One of a few, by their names. */
function pick<T extends string>(id: string, label: string, value: T, names: Readonly<Record<T, string>>, set: (value: T) => void, hint = ''): TemplateResult {
  return field(id, label, html`<select class="input" id=${id} aria-describedby=${hint === '' ? nothing : `${id}-hint`} @change=${(event: Event) => set(valueOf(event) as T)}>
    ${Object.entries<string>(names).map(([one, name]) => html`<option value=${one} .selected=${live(one === value)}>${name}</option>`)}</select>`, hint);
}

/** Several short texts; the last empty line is the one that is added. */
function list(label: string, each: (place: number) => string, values: readonly string[], most: number, set: (values: string[]) => void, placeholder = ''): TemplateResult {
  return html`<fieldset class="field"><legend>${label}</legend>${values.map((value, place) => html`<div class="line"><input class="input" aria-label=${each(place + 1)} dir="auto" maxlength="300" placeholder=${placeholder} .value=${live(value)} @input=${(event: Event) => set(values.with(place, valueOf(event)))} />
      <button type="button" class="icon-button" aria-label=${msg(str`Remove ${each(place + 1)}`)} title=${msg('Remove')} @click=${() => set(values.toSpliced(place, 1))}>${icon('x')}</button></div>`)}
    ${values.length < most ? html`<div class="line"><button type="button" class="button small" @click=${() => set([...values, ''])}>${icon('plus', 'small')}${msg('Add')}</button></div>` : nothing}</fieldset>`;
}

/** As each calls itself. */
const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ja: '日本語', ar: 'العربية' };

/** What is ticked last comes last, so whoever unticks the first one decides which stands in for the others; the only one that is left stays. */
function renderLanguages({ draft: { languages }, set }: Form): TemplateResult {
  const turn = (one: Language): void => set({ languages: languages.includes(one) ? languages.filter((other) => other !== one) : [...languages, one] });
  return html`<fieldset class="field" aria-describedby="languages-hint"><legend>${msg('Languages')}</legend>
    <div class="checks">${LANGUAGES.map((one) => html`<label><input type="checkbox" class="check" .checked=${live(languages.includes(one))} ?disabled=${languages.length === 1 && languages[0] === one} @change=${() => turn(one)} /><span lang=${one}>${NAMES[one]}</span></label>`)}</div>
    <span class="hint" id="languages-hint">${msg('The chat speaks the language of its page.')} ${msg(str`Where a page has none of these: ${NAMES[languages[0] ?? 'en']}.`)}</span></fieldset>`;
}

/** What a visitor sees. */
export function renderAppearance(form: Form): TemplateResult {
  const { draft, set } = form;
  const { ratio, text } = textOn(draft.accent ?? '#23281a');
  const said = msg(str`${text === '#ffffff' ? msg('White') : msg('Black')} text on it: ${ratio.toFixed(1)} to 1.`);
  return html`${line('name', msg('Name of the site'), draft.name, (name) => set({ name }), msg('For those who manage it.'), 100)}
    ${line('title', msg('Title'), draft.title, (title) => set({ title }), '', 60)}
    ${lines('greeting', msg('Greeting'), draft.greeting, 2, (greeting) => set({ greeting }), msg('Shown, not spoken by a model. It costs nothing. The first line is larger.'), 300)}
    ${list(msg('Starters'), (place) => msg(str`starter ${place}`), draft.starters, 6, (starters) => set({ starters }))}
    <div class="pair">${field('colour', msg('Colour'), html`<div class="line"><input id="colour" class="colour" type="color" aria-describedby="colour-hint" .value=${live(draft.accent ?? '#23281a')} @input=${(event: Event) => set({ accent: valueOf(event) })} />${draft.accent === null ? nothing : html`<button type="button" class="button small" @click=${() => set({ accent: null })}>${msg('Default')}</button>`}</div>`, said)}
      ${pick('theme', msg('Theme'), draft.theme, { host: msg('As the page'), light: msg('Light'), dark: msg('Dark') }, (theme) => set({ theme }), msg('What a page sets itself goes before it.'))}</div>
    ${renderLanguages(form)}
    ${lines('note', msg('Note before the first message'), draft.privacy.note, 2, (note) => set({ privacy: { ...draft.privacy, note } }), msg('That an AI answers, and how long conversations are kept.'))}
    ${choice('asks', msg('Visitors have to agree to it before they write'), draft.privacy.asks, (asks) => set({ privacy: { ...draft.privacy, asks } }))}
    ${line('privacy', msg('Address of your privacy page'), draft.privacy.address, (address) => set({ privacy: { ...draft.privacy, address: address.trim() } }), '', 500)}
    ${line('hours', msg('When people answer'), draft.hours, (hours) => set({ hours }), '', 300)}`;
}

/** Where it is shown, and what answers. */
export function renderBehaviour({ draft, models, set }: Form): TemplateResult {
  return html`${list(msg('Pages of these origins may show the chat'), (place) => msg(str`origin ${place}`), draft.origins, 50, (origins) => set({ origins }), 'https://shop.example.com')}
    ${field('model', msg('Model'), html`<select class="input" id="model" @change=${(event: Event) => set({ model: valueOf(event) as SiteSettings['model'] })}>
      ${models.some(({ id }) => id === draft.model) ? nothing : html`<option selected value=${draft.model}>${draft.model}</option>`}
      ${models.map(({ id, name, providerName }) => html`<option value=${id} ?selected=${id === draft.model}>${name} · ${providerName}</option>`)}</select>`, msg('Models that need a key of a person cannot answer for a site.'))}
    ${lines('instructions', msg('Instructions'), draft.instructions, 8, (instructions) => set({ instructions }), msg('Told to the model before whatever a visitor says. Visitors are not shown it; it stands on record with every reply.'), 32_000)}
    ${choice('handoff', msg('Visitors may ask for a person'), draft.handoff, (handoff) => set({ handoff }))}
    ${draft.handoff ? list(msg('What people who answer say often'), (place) => msg(str`answer ${place}`), draft.answers, 20, (answers) => set({ answers })) : nothing}
    ${choice('uploads', msg('Visitors may send images'), draft.uploads, (uploads) => set({ uploads }))}
    ${choice('tells-text', msg('Scripts of your pages are told what is said'), draft.tellsText, (tellsText) => set({ tellsText }))}
    <p class="quiet">${msg('With the event gorun-message. Say so in your privacy note: what a page reads leaves this deployment.')}</p>`;
}

/** How many replies may be asked for. */
export function renderLimits({ draft: { limits, challenge }, set }: Form): TemplateResult {
  const change = (part: Partial<SiteSettings['limits']>): void => set({ limits: { ...limits, ...part } });
  return html`<p class="quiet">${msg('Replies that may be asked for in 24 hours. Beyond that a visitor is told so, and the conversation stays.')}</p>
    ${amount('limit-visitor', msg('For each visitor'), limits.visitor, (visitor) => change({ visitor }))}
    ${amount('limit-address', msg('For each network address'), limits.address, (address) => change({ address }))}
    ${amount('limit-site', msg('For the whole site'), limits.site, (site) => change({ site }))}
    ${choice('challenge', msg('The browser of somebody new has to do some work first'), challenge, (isOn) => set({ challenge: isOn }))}
    <p class="quiet">${msg('Less than a second for most, once. It costs whoever makes up many visitors. Users that your site vouches for are not asked.')}</p>`;
}

export interface KeysOfSite {
  readonly keys: readonly SiteKey[];
  readonly newKey: { readonly id: string; readonly key: string } | undefined;
  readonly isBusy: boolean;
  make(): void;
  remove(key: string): void;
}

/** How the site says who its users are. */
export function renderIdentity({ keys, newKey, isBusy, make, remove }: KeysOfSite): TemplateResult {
  return html`<p class="quiet">${msg('With a key, your own server can sign who somebody is (a JWT with HS256, “sub”, “exp” at most a day ahead, “name”, and “attributes”: at most 20 short texts that those who answer see). Whoever it vouches for finds their conversation in every browser.')}</p>
    ${newKey ? html`<section class="box"><header><h2>${msg('Your new key')}</h2></header><pre tabindex="0">${newKey.key}</pre><div class="body quiet">${msg('It is shown only now. Keep it on your server, never in a page.')}</div></section>` : nothing}
    <ul class="rows" ?hidden=${keys.length === 0}>${keys.map((key) => html`<li><span class="grow"><span class="mono">${key.id}</span><br><span class="quiet">${fullTime(key.createdAt)}</span></span><button type="button" class="button small" ?disabled=${isBusy} aria-label=${msg(str`Remove key ${key.id}`)} @click=${() => remove(key.id)}>${msg('Remove')}</button></li>`)}</ul>
    <div class="line"><button type="button" class="button" ?disabled=${isBusy || keys.length >= 3} @click=${make}>${icon('key', 'small')}${msg('Make a key')}</button></div>
    <p class="quiet">${msg('To change keys without a gap: make a second one, let your server sign with it, then remove the first. Removing a key ends the visits that are open.')}</p>`;
}

export interface BlockedOfSite {
  /** `undefined` until they are known. */
  readonly blocked: readonly BlockedVisitor[] | undefined;
  readonly isBusy: boolean;
  letIn(visitor: UserId): void;
}

/** Who is kept out, and the way back. */
export function renderBlocked({ blocked, isBusy, letIn }: BlockedOfSite): TemplateResult {
  const row = ({ visitor, at }: BlockedVisitor) => html`<li><span class="grow"><span class="mono">${visitor}</span><br><span class="quiet">${msg(str`Since ${fullTime(at)}`)}</span></span><button type="button" class="button small" ?disabled=${isBusy} aria-label=${msg(str`Let visitor ${visitor} in again`)} @click=${() => letIn(visitor)}>${msg('Let in again')}</button></li>`;
  return html`<h2>${msg('Blocked visitors')}</h2>
    ${blocked === undefined ? html`<p class="quiet" role="status">${msg('Loading')}</p>` : blocked.length === 0 ? html`<p class="quiet">${msg('Nobody is kept out of this site. Visitors are blocked from their conversation in the inbox.')}</p>` : html`<ul class="rows">${blocked.map(row)}</ul>`}`;
}

export interface InstallOfSite {
  readonly site: SiteId;
  readonly server: string;
  readonly isCopied: boolean;
  copy(text: string): void;
  remove(): void;
}

/** The tag, what the page's security policy has to allow, and the way out. */
export function renderInstall({ site, server, isCopied, copy, remove }: InstallOfSite): TemplateResult {
  const tag = `<script src="${server}/widget.js" data-site="${site}" async></script>`;
  const socket = server.replace(/^http/u, 'ws');
  return html`<section class="box"><header><h2>${msg('Put this into your pages')}</h2><button type="button" class="button small" @click=${() => copy(tag)}>${icon(isCopied ? 'check' : 'copy', 'small')}${isCopied ? msg('Copied') : msg('Copy')}</button></header><pre tabindex="0">${tag}</pre></section>
    <section class="box"><header><h2>${msg('Where your pages have a Content-Security-Policy')}</h2></header><pre tabindex="0">script-src ${server}; connect-src ${server} ${socket}; frame-src ${server}; img-src blob:; trusted-types lit-html 'allow-duplicates'</pre></section>
    <div class="line"><button type="button" class="button" @click=${remove}>${msg('Remove site…')}</button></div>`;
}
