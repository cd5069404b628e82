import type { Part } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Attempt } from '../../machines/turn.ts';
import type { ProviderPart } from '../providers/provider.ts';
import type { Run } from './draft.ts';

/**
 * What a response says beyond what was shown of it. All of it is listened to again, and what was shown must be how it begins: else it is another text, and `provider-broke-off`
 * is thrown before anything of it is shown.
 */
export async function* beyond(shown: readonly Part[], parts: AsyncIterable<ProviderPart>): AsyncGenerator<ProviderPart> {
  const known = shown.flatMap((part): Run[] => (part.type === 'file' ? [] : [[part.type, part.text]]));
  for await (const part of parts) {
    if (part.type === 'text' || part.type === 'reasoning') {
      const text = withoutKnown(known, part.type, part.text.toWellFormed());
      if (text !== '') yield { type: part.type, text };
    } else if (part.type === 'end' && known.length > 0) throw new Failure('provider-broke-off', { detail: 'The response is shorter than what was shown of it.' });
    else yield part;
  }
}

/** Takes from `known` what this text repeats of it, and gives the rest. */
function withoutKnown(known: Run[], type: Run[0], text: string): string {
  let left = text;
  for (let [next] = known; next !== undefined && left !== ''; [next] = known) {
    const [shownType, shown] = next;
    const length = Math.min(shown.length, left.length);
    if (shownType !== type || shown.slice(0, length) !== left.slice(0, length)) throw new Failure('provider-broke-off', { detail: 'The response is not what was shown of it.' });
    left = left.slice(length);
    if (length === shown.length) known.shift();
    else known[0] = [shownType, shown.slice(length)];
  }
  return left;
}

/** A reply that could not be taken up again was interrupted, whatever kept it: people continue it, and the provider's reason is not one for them. */
export function asResumed(attempt: Attempt): Attempt {
  const { kind, code } = attempt.outcome;
  const isOfProvider = kind === 'failed' && code !== undefined && code.startsWith('provider-');
  return isOfProvider ? { ...attempt, outcome: { kind: 'interrupted', code: 'server-restarted' } } : attempt;
}
