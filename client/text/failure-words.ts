import { msg, str } from '@lit/localize';
import { FAILURES, type FailureCode, type Refusal } from '../../contracts/failures.ts';
import type { TurnOutcome } from '../../contracts/conversation.ts';

/** What can be done about a failure where it is shown. */
export type FailureAction = 'retry' | 'continue' | 'edit' | 'send-again' | 'send-anyway' | 'settings' | 'other-model' | 'choose-model' | 'shorten' | 'sign-in' | 'reload';

/** What people read: what happened, what was or was not done, what can be done now. */
export interface FailureWords {
  readonly title: string;
  readonly text: string;
  /** The last one is the main one. */
  readonly actions: readonly FailureAction[];
}

/** Names as their makers write them. */
export interface Who {
  readonly model: string;
  readonly provider: string;
  /** Nobody here can choose another model, or give a key. */
  readonly isFixed?: boolean;
}

type Table = Readonly<Partial<Record<FailureCode, (who: Who) => FailureWords>>>;

const REFUSALS: Table = {
  'record-unavailable': () => ({
    title: msg('The record could not be written, so nothing was done'),
    text: msg('No model has seen your message. It is kept here and will not be sent by itself.'),
    actions: ['edit', 'send-again'],
  }),
  'bus-unavailable': () => ({ title: msg('Not connected to the other servers'), text: msg('Nothing was done. Your text is kept.'), actions: ['edit', 'send-again'] }),
  'moved-on': () => ({ title: msg('The conversation has moved on'), text: msg('Someone answered in another tab first. Your text is kept.'), actions: ['edit', 'send-anyway'] }),
  'session-ended': () => ({ title: msg('Please sign in again'), text: msg('Your text is kept.'), actions: ['send-again', 'sign-in'] }),
};

const PROVIDERS: Table = {
  'provider-busy': ({ provider }) => ({ title: msg(str`${provider} is busy`), text: msg('It was asked several times. Your message is saved.'), actions: ['other-model', 'retry'] }),
  'provider-unreachable': ({ provider }) => ({ title: msg(str`${provider} could not be reached`), text: msg('Your message is saved.'), actions: ['other-model', 'retry'] }),
  'provider-key-refused': ({ provider }) => ({ title: msg(str`The key for ${provider} was refused`), text: msg('Your message is saved.'), actions: ['retry', 'settings'] }),
  'provider-key-missing': ({ provider }) => ({ title: msg(str`There is no key for ${provider} yet`), text: msg('Add one in Settings. Your message is saved.'), actions: ['other-model', 'settings'] }),
  'provider-refused': ({ provider }) => ({ title: msg(str`${provider} did not accept the request`), text: '', actions: ['other-model', 'retry'] }),
  'content-refused': ({ model }) => ({ title: msg(str`${model} declined to answer this`), text: '', actions: ['other-model'] }),
  'context-too-long': ({ model }) => ({ title: msg(str`This conversation is too long for ${model}`), text: msg('Your message is saved.'), actions: ['shorten', 'choose-model'] }),
  'model-unknown': ({ model }) => ({ title: msg(str`${model} is not available to you`), text: msg('Your message is saved.'), actions: ['other-model'] }),
};

/** Of a message that was refused and is kept here. */
export function wordsOfRefusal(refusal: Refusal, who: Who): FailureWords {
  return within(who, refusedWords(refusal, who)) as FailureWords;
}

/** What only those can do who choose their model is not offered to others. */
function within(who: Who, words: FailureWords | undefined): FailureWords | undefined {
  return words === undefined || who.isFixed !== true ? words : { ...words, actions: words.actions.filter((action) => !CHOOSING.includes(action)) };
}

const CHOOSING: readonly FailureAction[] = ['settings', 'other-model', 'choose-model', 'sign-in'];

function refusedWords({ code, text }: Refusal, who: Who): FailureWords {
  const words = REFUSALS[code]?.(who);
  if (words !== undefined) return words;
  const failed = PROVIDERS[code]?.(who);
  return { ...withSaid(failed ? { ...failed, text: msg('Your text is kept.') } : wordsOfTable(code), code, who, text), actions: actionsOfRefusal(code) };
}

function actionsOfRefusal(code: FailureCode): readonly FailureAction[] {
  if (code === 'provider-key-missing' || code === 'provider-key-refused') return ['settings', 'send-again'];
  if (code === 'client-outdated') return ['reload'];
  return FAILURES[code].then === 'give-up' ? ['edit'] : ['edit', 'send-again'];
}

/** Of a reply that did not come to its end. `undefined` when there is nothing to say. */
export function wordsOfOutcome(outcome: TurnOutcome, hasText: boolean, who: Who): FailureWords | undefined {
  return within(who, endedWords(outcome, hasText, who));
}

function endedWords(outcome: TurnOutcome, hasText: boolean, who: Who): FailureWords | undefined {
  const { kind, code, detail } = outcome;
  if (kind === 'completed' && code !== 'output-limit') return undefined;
  const goOn: readonly FailureAction[] = hasText ? ['continue'] : [];
  if (kind === 'stopped') return { title: '', text: msg('You stopped this reply.'), actions: hasText ? goOn : ['retry'] };
  if (kind === 'interrupted') return { title: msg('The reply was interrupted'), text: reasonOf(code, hasText), actions: ['retry', ...goOn] };
  if (code === 'output-limit') return { title: msg('The reply reached its length limit'), text: msg('Everything above is saved.'), actions: goOn };
  if (code === 'turn-limit') return { title: msg('The reply took too long and was ended'), text: hasText ? msg('Everything above is saved.') : '', actions: ['retry', ...goOn] };
  return wordsOfFailure(code ?? 'internal', who, detail);
}

function reasonOf(code: FailureCode | undefined, hasText: boolean): string {
  const reason = code === 'server-restarted' ? msg('The server was restarted while it was being written.') : msg('The connection to the model broke off.');
  return hasText ? `${reason} ${msg('Everything above is saved.')}` : reason;
}

/** Of a turn that failed. `said` is what the provider told, kept in its own words. */
function wordsOfFailure(code: FailureCode, who: Who, said?: string): FailureWords {
  return withSaid(PROVIDERS[code]?.(who) ?? wordsOfTable(code), code, who, said);
}

/** What this server says of it itself is English, and so is nothing for a site's visitors, who read six languages. */
function withSaid(words: FailureWords, code: FailureCode, { provider, isFixed }: Who, said: string | undefined): FailureWords {
  const isQuoted = code.startsWith('provider-') || code === 'content-refused';
  if (said === undefined || said === '' || (isFixed === true && !isQuoted)) return words;
  const quoted = isQuoted ? msg(str`${provider} said: ${said}`) : said;
  return { ...words, text: words.text === '' ? quoted : `${words.text} ${quoted}` };
}

/** The sentences of the failure table: the first says what happened, the rest what it means. */
function wordsOfTable(code: FailureCode): FailureWords {
  const { then } = FAILURES[code];
  const text = msg(FAILURES[code].text);
  const end = /[.。]\s*(?=\S)/u.exec(text);
  const [title, rest] = end === null ? [text.replace(/[.。]$/u, ''), ''] : [text.slice(0, end.index), text.slice(end.index + end[0].length)];
  return { title, text: rest, actions: then === 'give-up' ? [] : ['retry'] };
}
