import { refusalOf } from '../contracts/failures.ts';
import type { SiteId } from '../contracts/ids.ts';
import './components/chat-panel/chat-panel.ts';
import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';
import { toFrame, type FromFrame, type ToFrame } from './frame-messages.ts';

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
function tell(said: FromFrame, to: string): void {
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
  const what = toFrame(data);
  if (what === undefined) return;
  begin(origin);
  const ask = 'ask' in what ? what.ask : undefined;
  if (ask === undefined) return void run(panel, what).catch(() => undefined); // nobody waits for it
  tell({ gorun: 'heard' }, ANY); // the answer may take its time
  run(panel, what).then(() => tell({ gorun: 'answer', ask }, ANY), (error: unknown) => tell({ gorun: 'answer', ask, code: refusalOf(error).code }, ANY));
});

// As from the element in a page: it closes unless something in it had a use for the key.
addEventListener('keydown', ({ key, defaultPrevented }) => {
  if (key === 'Escape' && !defaultPrevented && panel.closable) tell({ gorun: 'close' }, ANY);
});

async function run(to: GorunChatPanel, what: ToFrame): Promise<void> {
  switch (what.gorun) {
    case 'shown': to.shown = what.said; return;
    case 'modal': to.modal = what.said; return;
    case 'language': to.language = what.said; return;
    case 'theme': return colour(what.said);
    case 'focus': return to.updateComplete.then(() => to.focus());
    case 'write': return to.write(what.said);
    case 'accepted': return goOn(to, what.said);
    case 'send': case 'identify': return to.ask(what.gorun, String(what.said));
    case 'setContext': case 'forget': case 'startConversation': case 'downloadTranscript': return to.ask(what.gorun, what.said);
  }
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
