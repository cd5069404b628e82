import type { ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Announce, Announcer } from './announcer.ts';
import { growing, replied, said, viewOf } from './sample-view.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const who = { model: 'Claude', provider: 'Anthropic' };

function listening(mode: Announce = 'as-it-grows') {
  const heard: string[] = [];
  const host = { addController: () => undefined, requestUpdate: () => undefined } as unknown as ReactiveControllerHost;
  const announcer = new Announcer(host);
  const say = announcer.say.bind(announcer);
  announcer.say = (text, how) => {
    heard.push(how === 'assertive' ? `! ${text}` : text);
    say(text, how);
  };
  const ask = said('a', null, 'Ask');
  announcer.observe(viewOf([ask]), [], mode, who);
  return {
    heard,
    grow: (text: string) => announcer.observe(viewOf([ask], growing('b', 'a', text)), [], mode, who),
    end: (text: string, kind: 'completed' | 'stopped' = 'completed') => announcer.observe(viewOf([ask, replied('b', 'a', text, { kind })]), [], mode, who),
    observe: (view: ReturnType<typeof viewOf>) => announcer.observe(view, [], mode, who),
  };
}

describe('announcements', () => {
  it('says whole sentences, at most once each 1.5 s, later ones together', () => {
    const { heard, grow, end } = listening();
    grow('');
    grow('The first sentence. The sec');
    grow('The first sentence. The second one. And **a** third.\nHalf of');
    expect(heard).toEqual(['Replying.']);
    vi.advanceTimersByTime(1_500);
    expect(heard.slice(1)).toEqual(['The first sentence. The second one. And a third.']);
    grow('The first sentence. The second one. And **a** third.\nHalf of a fourth. ');
    expect(heard).toHaveLength(2);
    vi.advanceTimersByTime(1_500);
    expect(heard.at(-1)).toBe('Half of a fourth.');
    end('The first sentence. The second one. And **a** third.\nHalf of a fourth. The rest');
    expect(heard.at(-1)).toBe('The rest Reply finished.');
  });

  it('says the reply when it is finished, or only that it is, for people who want it so', () => {
    for (const [mode, last] of [['when-finished', 'All of it. Reply finished.'], ['only-that', 'Reply finished.']] as const) {
      const { heard, grow, end } = listening(mode);
      grow('All of');
      vi.advanceTimersByTime(5_000);
      end('All of it.');
      expect(heard).toEqual(['Replying.', last]);
    }
  });

  it('says that a reply was stopped, and nothing after it', () => {
    const { heard, grow, end } = listening();
    grow('One sentence. Two');
    end('One sentence. Two', 'stopped');
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual(['Replying.', 'One sentence. Two Stopped.']);
  });

  it('does not read what was there when a conversation is opened', () => {
    const { heard, observe } = listening();
    observe(viewOf([said('x', null, 'Other')], growing('y', 'x', 'Was here before. '), 'other'));
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual([]);
  });

  it('leaves out code, addresses and marks', () => {
    const { heard, end } = listening('when-finished');
    listening().grow('');
    end('x');
    const second = listening('when-finished');
    second.grow('');
    second.end('See [the terms](https://example.com).\n\n```js\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n');
    expect(second.heard.at(-1)).toBe('See the terms. a b 1 2 Reply finished.');
    expect(heard).toEqual([]);
  });

  it('says the place in the queue', () => {
    const { heard, observe } = listening();
    const view = viewOf([said('a', null, 'Ask')], growing('b', 'a', ''));
    observe(view);
    const queue = ['p', 'q'].map((command) => ({ command })) as never;
    observe({ ...view, conversation: { ...view.conversation, queue } });
    expect(heard.at(-1)).toBe('Queued, next in line.');
  });
});
