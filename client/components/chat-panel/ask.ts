import { Failure, refusalOf } from '../../../contracts/failures.ts';
import type { Asked } from '../../widget.ts';
import type { GorunChatPanel } from './chat-panel.ts';

/** Does what a page asks of the panel, whichever way that comes. Rejects with a `Failure`, whatever went wrong: what else an error says is not for the page. */
export async function askPanel(panel: GorunChatPanel, what: Asked, said: unknown = ''): Promise<void> {
  try {
    await doAsked(panel, what, said);
  } catch (cause) {
    throw new Failure(refusalOf(cause).code, { cause });
  }
}

function doAsked(panel: GorunChatPanel, what: Asked, said: unknown): unknown {
  switch (what) {
    case 'send': return panel.send(String(said));
    case 'identify': return panel.identify(String(said));
    case 'setContext': return panel.setContext(said);
    case 'forget': return panel.forget();
    case 'startConversation': return panel.startConversation();
    case 'downloadTranscript': return panel.downloadTranscript();
  }
}

/** What it takes could not be fetched: nothing was done, and it may come the next time. */
export function unfetched(cause: unknown): never {
  throw new Failure('server-busy', { cause });
}
