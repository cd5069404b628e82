import { msg } from '@lit/localize';
import type { Message } from '../../../contracts/conversation.ts';
import { pathOf, textOf, type ConversationView } from '../../../contracts/view.ts';
import { downloadText } from '../../text/download.ts';
import { fullTime } from '../../text/times.ts';

/** Gives the visitor what was said, and by whom, on the branch that is shown, as a text file. */
export function saveTranscript(title: string, view: ConversationView): void {
  downloadText('conversation.txt', 'text/plain', transcriptOf(title, pathOf(view).map(({ message }) => message)));
}

function transcriptOf(title: string, messages: readonly Message[]): string {
  const said = messages.map((message) => {
    const files = message.parts.flatMap((part) => (part.type === 'file' ? [`[${part.name}]`] : []));
    return `${message.author === 'person' ? msg('You') : (message.by?.name ?? msg('Assistant'))} · ${fullTime(message.at)}\n${[textOf(message), ...files].filter((one) => one !== '').join('\n')}`;
  });
  return `${[title, ...said].join('\n\n')}\n`;
}
