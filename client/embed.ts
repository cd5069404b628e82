import type { SiteId } from '../contracts/ids.ts';
import './components/chat-panel/chat-panel.ts';
import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';

// The chat alone, in a frame on a site's page. Which pages may frame it is said by the header that this page comes with; but a site may lose an origin while the frame stands there, and requests from here have the deployment's own
// origin. So the origin of the page around it, which no page can choose, goes with each visit, and the server judges it.

const panel = document.createElement('gorun-chat-panel');
const isFramed = parent !== window;
panel.site = (location.pathname.split('/').at(-1) ?? '') as SiteId;
const asked = new URLSearchParams(location.search);
panel.language = asked.get('lang') ?? 'en';
colour(asked.get('theme'));
panel.closable = isFramed && location.hash !== '#inline';
panel.shown = !isFramed;
/** Any page may hear it that is let to frame this. */
const ANY = '*';

/** Light, dark, or (without either) as the browser has it. */
function colour(theme: string | null): void {
  document.documentElement.dataset['gorunTheme'] = theme ?? '';
}

/** To which origin is said each time, so that what is anybody's secret goes to no other page than the one that was asked for. */
function tell(said: object, to: string): void {
  if (isFramed) parent.postMessage(said, to);
}

panel.addEventListener('gorun-panel-close', () => tell({ gorun: 'close' }, ANY));
panel.addEventListener('gorun-panel-change', () => tell({ gorun: 'change', title: panel.heading, unread: panel.unreadCount, connection: panel.connection, conversation: panel.conversationId }, ANY));
panel.addEventListener('gorun-failure', ({ code }) => tell({ gorun: 'failure', code }, ANY));

panel.addEventListener('gorun-handoff', ({ state }) => tell({ gorun: 'handoff', state }, ANY));

panel.addEventListener('gorun-message', ({ author, messageId, text }) => tell({ gorun: 'message', author, messageId, text }, panel.page ?? location.origin));

/** Nobody is asked before it is known what page this is. */
function begin(page: string | undefined): void {
  if (panel.isConnected) return;
  panel.page = page;
  document.body.append(panel);
}

addEventListener('message', ({ source, origin, data }) => {
  if (source !== parent || !isFramed) return;
  begin(origin);
  const { gorun, said, ask } = data as { gorun?: string; said?: unknown; ask?: number };
  if (ask !== undefined) tell({ gorun: 'heard' }, ANY); // the answer may take its time
  run(panel, gorun, said).then(() => tell({ gorun: 'answer', ask }, ANY), (error: unknown) => tell({ gorun: 'answer', ask, code: error instanceof Error ? error.message : 'internal' }, ANY));
});

// As from the element in a page: it closes unless something in it had a use for the key.
addEventListener('keydown', ({ key, defaultPrevented }) => {
  if (key === 'Escape' && !defaultPrevented && panel.closable) tell({ gorun: 'close' }, ANY);
});

async function run(to: GorunChatPanel, what: string | undefined, said: unknown): Promise<void> {
  if (what === 'shown') to.shown = said === true;
  else if (what === 'modal') to.modal = said === true;
  else if (what === 'language') to.language = String(said);
  else if (what === 'theme') colour(String(said));
  else if (what === 'focus') await to.updateComplete.then(() => to.focus());
  else if (what === 'write') to.write(String(said));
  else if (what === 'send') await to.send(String(said));
  else if (what === 'accepted') await goOn(to, (said as unknown[]).map(String));
  else if (what === 'identify') await to.identify(String(said));
  else if (what === 'setContext') to.setContext(said);
  else if (what === 'forget') await to.forget();
  else if (what === 'startConversation') to.startConversation();
  else if (what === 'downloadTranscript') await to.downloadTranscript();
}

/** Sends what the panel in the page had accepted and could not send. What is refused here stands in the composer: its visitor was told of no refusal. */
async function goOn(to: GorunChatPanel, texts: readonly string[]): Promise<void> {
  const outcomes = await Promise.allSettled(texts.map((text) => to.send(text)));
  const kept = texts.filter((_, at) => outcomes[at]?.status === 'rejected');
  if (kept.length > 0) to.write([...kept, to.text].filter((text) => text !== '').join('\n\n'));
}

// Not every browser has this, and one that keeps the page's address to itself says `null`; then the first thing that the page says tells.
const [around = 'null'] = (location.ancestorOrigins as DOMStringList | undefined) ?? [];
if (!isFramed || around !== 'null') begin(isFramed ? around : undefined);
