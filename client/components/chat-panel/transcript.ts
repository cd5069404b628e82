import { msg } from '@lit/localize';
import type { Message } from '../../../contracts/conversation.ts';
import { textOf } from '../../../contracts/view.ts';
import { fullTime } from '../../text/times.ts';

/** What was said, for somebody to keep. */
export function transcriptOf(title: string, messages: readonly Message[]): string {
  const said = messages.map((message) => {
    const files = message.parts.flatMap((part) => (part.type === 'file' ? [`[${part.name}]`] : []));
    return `${message.author === 'person' ? msg('You') : msg('Assistant')} · ${fullTime(message.at)}\n${[textOf(message), ...files].filter((one) => one !== '').join('\n')}`;
  });
  return `${[title, ...said].join('\n\n')}\n`;
}
