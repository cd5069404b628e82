import { Failure, refusalOf } from '../../../contracts/failures.ts';
import type { Asked } from '../../widget-parts.ts';
import type { GorunChatPanel } from './chat-panel.ts';

/** Does what a page asks of the panel, whichever way that comes. Rejects with a `Failure`, whatever went wrong: what else an error says is not for the page. */
export async function askPanel(panel: GorunChatPanel, what: Asked, said: unknown = ''): Promise<void> {
  try {
    await (panel[what] as (said: unknown) => unknown).call(panel, said);
  } catch (cause) {
    throw new Failure(refusalOf(cause).code, { cause });
  }
}

/** What it takes could not be fetched: nothing was done, and it may come the next time. */
export function unfetched(cause: unknown): never {
  throw new Failure('server-busy', { cause });
}
