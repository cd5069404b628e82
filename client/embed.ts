import type { SiteId } from '../contracts/ids.ts';
import './components/chat-panel/chat-panel.ts';
import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';

// The chat alone, in a frame on a site's page. Which pages may frame it is said by the header that this page comes with, so whoever is above it is one of the site's.

const panel = document.createElement('gorun-chat-panel');
const isFramed = parent !== window;
panel.site = (location.pathname.split('/').at(-1) ?? '') as SiteId;
const asked = new URLSearchParams(location.search);
panel.language = asked.get('lang') ?? 'en';
document.documentElement.dataset['gorunTheme'] = asked.get('theme') ?? '';
panel.closable = isFramed && location.hash !== '#inline';
panel.shown = !isFramed;

function tell(said: object): void {
  if (isFramed) parent.postMessage(said, '*'); // nothing in it is anybody's secret
}

panel.addEventListener('gorun-panel-close', () => tell({ gorun: 'close' }));
panel.addEventListener('gorun-panel-change', () => tell({ gorun: 'change', unread: panel.unreadCount, connection: panel.connection, conversation: panel.conversationId }));
panel.addEventListener('gorun-failure', ({ code }) => tell({ gorun: 'failure', code }));

panel.addEventListener('gorun-handoff', ({ state }) => tell({ gorun: 'handoff', state }));

panel.addEventListener('gorun-message', ({ author, messageId }) => tell({ gorun: 'message', author, messageId }));

addEventListener('message', ({ source, data }) => {
  if (source !== parent || !isFramed) return;
  const { gorun, said } = data as { gorun?: string; said?: unknown };
  run(panel, gorun, said).catch(() => undefined); // what keeps it from being done is told as a failure
});

async function run(to: GorunChatPanel, what: string | undefined, said: unknown): Promise<void> {
  if (what === 'shown') to.shown = said === true;
  else if (what === 'send') await to.send(String(said));
  else if (what === 'identify') await to.identify(String(said));
  else if (what === 'setContext') to.setContext(said);
  else if (what === 'forget') await to.forget();
  else if (what === 'startConversation') to.startConversation();
  else if (what === 'downloadTranscript') await to.downloadTranscript();
}

document.body.append(panel);
