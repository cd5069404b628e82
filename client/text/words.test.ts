import { describe, expect, it } from 'vitest';
import { FAILURE_CODES } from '../../contracts/failures.ts';
import { decodeEntities } from './entities.ts';
import { wordsOfOutcome, wordsOfRefusal } from './failure-words.ts';
import { formatBytes } from './sizes.ts';
import { endOfSentences, speakable } from './speech.ts';
import { duration, shortTime } from './times.ts';

const who = { model: 'Claude Sonnet 4.5', provider: 'Anthropic' };

describe('words', () => {
  it('every failure has a sentence, of a message and of a reply, and none is bare', () => {
    for (const code of FAILURE_CODES) {
      for (const words of [wordsOfRefusal({ code }, who), wordsOfOutcome({ kind: 'failed', code }, true, who)!]) {
        expect(words.title.length).toBeGreaterThan(8);
        expect(words.title).not.toMatch(/undefined|[.!]$/);
      }
    }
  });

  it('repeats what the provider said as its words', () => {
    expect(wordsOfOutcome({ kind: 'failed', code: 'provider-refused', detail: 'max_tokens is too large' }, false, who)).toMatchObject({
      title: 'Anthropic did not accept the request', text: 'Anthropic said: max_tokens is too large',
    });
  });

  it('repeats what the server says to those who read English, and not to the visitors of a site', () => {
    const refusal = { code: 'not-found', text: 'The message is not there.' } as const;
    expect(wordsOfRefusal(refusal, who).text).toContain(refusal.text);
    expect(wordsOfRefusal(refusal, { ...who, isFixed: true }).text).toBe(wordsOfRefusal({ code: 'not-found' }, who).text);
    expect(wordsOfOutcome({ kind: 'failed', code: 'internal', detail: refusal.text }, false, { ...who, isFixed: true })!.text).not.toContain(refusal.text);
  });

  it('promises that text is saved only where there is text', () => {
    expect(wordsOfOutcome({ kind: 'interrupted' }, false, who)).toMatchObject({ text: 'The connection to the model broke off.', actions: ['retry'] });
    expect(wordsOfOutcome({ kind: 'interrupted', code: 'server-restarted' }, true, who)!.text).toBe('The server was restarted while it was being written. Everything above is saved.');
  });

  it('says that a reply ended at its length limit, though it is complete as far as it goes', () => {
    expect(wordsOfOutcome({ kind: 'completed', code: 'output-limit' }, true, who)).toMatchObject({ title: 'The reply reached its length limit', actions: ['continue'] });
    expect(wordsOfOutcome({ kind: 'completed' }, true, who)).toBeUndefined();
  });

  it('says the hour today, the day before that, and the year only of another one', () => {
    const now = new Date(2026, 10, 22, 15, 0).getTime();
    const at = (...parts: [number, number, number, number, number]) => shortTime(new Date(...parts).getTime(), now);
    expect([at(2026, 10, 22, 14, 21), at(2026, 10, 21, 23, 59), at(2026, 10, 19, 8, 0), at(2025, 10, 19, 8, 0)]).toEqual(['14:21', 'Yesterday', '19 November', '19 November 2025']);
  });

  it('says how long something took', () => {
    expect([100, 8_400, 60_000, 125_000].map(duration)).toEqual(['1 s', '8 s', '1 min', '2 min 5 s']);
  });

  it('says how large a file is', () => {
    expect([0, 900, 48_000, 1_840_000, 10_000_000].map(formatBytes)).toEqual(['0 byte', '900 byte', '48 KB', '1.8 MB', '10 MB']);
  });

  it('resolves character references that are known and harmless', () => {
    expect(decodeEntities('a &amp; b &lt;c&gt; &#8364; &#x2014; &nbsp;| &unknown; &#0; &#xd800; &constructor; &;')).toBe('a & b <c> € — \u00a0| &unknown; \ufffd \ufffd &constructor; &;');
  });

  it('reads aloud words, not marks', () => {
    expect(speakable('# Title\n\n- **one**, [two](https://x.example)\n\n```\ncode\n```\n`three` https://example.com')).toBe('Title one , two three');
    expect(speakable('before\n```js\nstill open')).toBe('before');
  });

  it('finds where whole sentences end', () => {
    const text = 'One. Two is 3.5 long. Thr';
    expect(text.slice(0, endOfSentences(text, 0))).toBe('One. Two is 3.5 long. ');
    expect(endOfSentences('No end yet', 0)).toBe(0);
  });
});
