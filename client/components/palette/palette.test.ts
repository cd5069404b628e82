import { afterEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import './palette.ts';

afterEach(() => document.body.replaceChildren());

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, at) => ({ id: `${word}-${at}`, text: `${word} ${at}`, icon: 'clock' as const }));

describe('<gorun-palette>', () => {
  it('shows every command, however many there are, and of the conversations the first so many that are found', async () => {
    const palette = document.body.appendChild(document.createElement('gorun-palette'));
    palette.show([
      { title: 'Conversations', entries: numbered('Talk', 20), most: 7 },
      { title: 'Commands', entries: numbered('Command', 13) },
    ]);
    const shown = (word: string): string[] => [...(palette.shadowRoot?.querySelectorAll('[role=option]') ?? [])].flatMap((option) => new RegExp(`^${word} \\d+`, 'u').exec(option.textContent.trim()) ?? []);
    await expect.poll(() => shown('Command')).toEqual(numbered('Command', 13).map(({ text }) => text));
    expect(shown('Talk')).toEqual(numbered('Talk', 7).map(({ text }) => text));
    await userEvent.keyboard('Talk 1');
    await expect.poll(() => shown('Command')).toEqual([]);
    expect(shown('Talk')).toHaveLength(7);
    expect(shown('Talk')[0]).toBe('Talk 1');
  });
});
