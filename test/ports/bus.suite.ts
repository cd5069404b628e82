import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { comparePositions, NOWHERE } from '../../contracts/position.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import type { Bus, LogEntry } from '../../server/bus/bus.ts';
import { newId } from '../../server/ids.ts';
import { listen, LogWriter, placed, wordsOf } from '../support/log-writer.ts';

/** A bus as two instances have it; where there is one instance only, both are the same. */
export interface OpenBus {
  readonly owner: Bus;
  readonly other: Bus;
  close(): Promise<void>;
}

/** What every adapter of the bus promises. */
export function busSuite(name: string, open: () => Promise<OpenBus>): void {
  describe(`the ${name} bus`, () => {
    let opened: OpenBus;
    let owner: Bus;
    let other: Bus;
    let conversation: ConversationId;
    beforeEach(async () => {
      opened = await open();
      ({ owner, other } = opened);
      conversation = newId();
    });
    afterEach(() => opened.close());

    const begin = (epoch = 1): Promise<LogWriter> => LogWriter.claim(owner, conversation, epoch);

    it('is there', () => {
      expect([owner.isAway, other.isAway, owner.isShared]).toEqual([false, false, other.isShared]);
    });

    describe('takes what its owner says', () => {
      it('in order, and gives it from any position on', async () => {
        const writer = await begin();
        expect(await writer.say('a', 'b')).toBe('written');
        expect(await writer.say('c')).toBe('written');
        expect(await writer.say('d', 'e', 'f')).toBe('written');
        for (const bus of [owner, other]) {
          for (let seq = 0; seq <= 6; seq++) expect(wordsOf(await bus.since(conversation, { epoch: 1, seq }))).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].slice(seq));
        }
      });

      it('with each event in its place, whatever characters it has', async () => {
        const writer = await begin(7);
        const words = ['ü \u{1f600}', 'two\nlines', '"quoted" \\ / \u2028', 'x'.repeat(100_000), ' '];
        await writer.say(...words);
        expect(await other.since(conversation, { epoch: 7, seq: 0 })).toEqual(placed({ epoch: 7, seq: 0 }, words));
      });

      it('of many conversations at once, each with its own verdict', async () => {
        const writers = await Promise.all(Array.from({ length: 20 }, () => LogWriter.claim(owner)));
        const entries = writers.map((writer, index) => writer.entry(`word ${index}`));
        const missing = entries.map((entry, index): LogEntry => (index % 5 === 3 ? { ...entry, after: { epoch: 1, seq: 4 }, events: placed({ epoch: 1, seq: 4 }, ['late']) } : entry));
        expect(await owner.append(missing)).toEqual(entries.map((_, index) => (index % 5 === 3 ? 'behind' : 'written')));
        for (const [index, writer] of writers.entries()) expect(wordsOf(await other.since(writer.conversation, { epoch: 1, seq: 0 }))).toEqual(index % 5 === 3 ? [] : [`word ${index}`]);
      });

      it('and says that something is missing before it', async () => {
        const writer = await begin();
        await writer.say('a');
        const { conversation: id } = writer;
        expect(await owner.append([{ conversation: id, after: { epoch: 1, seq: 2 }, events: placed({ epoch: 1, seq: 2 }, ['c']) }])).toEqual(['behind']);
        expect(await writer.say('b')).toBe('written');
        expect(wordsOf(await owner.since(conversation, { epoch: 1, seq: 0 }))).toEqual(['a', 'b']);
      });

      it('and never two things in one place', async () => {
        const writer = await begin();
        await writer.say('a', 'b');
        const again: LogEntry = { conversation, after: { epoch: 1, seq: 0 }, events: placed({ epoch: 1, seq: 0 }, ['x', 'y', 'z']) };
        expect(await owner.append([again])).toEqual(['behind']);
        expect(wordsOf(await owner.since(conversation, { epoch: 1, seq: 0 }))).toEqual(['a', 'b']);
      });

      it('only once it was claimed, and no longer than that', async () => {
        const entry: LogEntry = { conversation, after: { epoch: 1, seq: 0 }, events: placed({ epoch: 1, seq: 0 }, ['a']) };
        expect(await owner.append([entry])).toEqual(['behind']);
        const writer = await begin();
        expect(await owner.append([{ ...entry, after: { epoch: 2, seq: 0 }, events: placed({ epoch: 2, seq: 0 }, ['a']) }])).toEqual(['behind']);
        expect(await writer.say('a')).toBe('written');
        await owner.release(conversation, 1);
        expect(await writer.say('b')).toBe('behind');
      });
    });

    describe('has one owner', () => {
      it('so whoever was the owner before is refused', async () => {
        const former = await begin(1);
        await former.say('a');
        const next = await LogWriter.claim(other, conversation, 2);
        expect(await former.say('b')).toBe('stale');
        expect(await next.say('c')).toBe('written');
        expect(await former.say('d')).toBe('stale');
        expect(wordsOf(await owner.since(conversation, { epoch: 2, seq: 0 }))).toEqual(['c']);
      });

      it('and an epoch begins once', async () => {
        await begin(3);
        for (const bus of [owner, other]) for (const epoch of [1, 2, 3]) expect(await bus.claim(conversation, epoch)).toBe('stale');
        expect(await other.claim(conversation, 4)).not.toBe('stale');
      });

      it('also when both want it at the same time', async () => {
        const rounds = Array.from({ length: 100 }, (_, index) => index + 1);
        for (const epoch of rounds) {
          const claims = await Promise.all([owner.claim(conversation, epoch), other.claim(conversation, epoch)]);
          expect(claims.filter((one) => one !== 'stale')).toHaveLength(1);
        }
      });

      it('and a claim gives only what the log had of the epochs before', async () => {
        const writer = await begin();
        await writer.say('a', 'b');
        await writer.say('c');
        const held = await other.claim(conversation, 2);
        const said = placed({ epoch: 1, seq: 0 }, ['a', 'b', 'c']);
        expect(said.slice(said.length - held.length)).toEqual(held);
      });

      it('and a release of another epoch changes nothing', async () => {
        await begin(1);
        const writer = await begin(2);
        await owner.release(conversation, 1);
        expect(await writer.say('a')).toBe('written');
      });
    });

    describe('says that it cannot tell what came after', () => {
      it('a position of another epoch', async () => {
        await (await begin(1)).say('a', 'b', 'c');
        await (await begin(2)).say('d');
        for (const position of [{ epoch: 1, seq: 3 }, { epoch: 1, seq: 0 }, { epoch: 3, seq: 0 }, NOWHERE]) expect(await other.since(conversation, position)).toBe('gone');
      });

      it('a position that it never had', async () => {
        await (await begin()).say('a');
        expect(await other.since(conversation, { epoch: 1, seq: 2 })).toBe('gone');
      });

      it('anything in a conversation that it does not know', async () => {
        for (const position of [NOWHERE, { epoch: 1, seq: 0 }]) expect(await owner.since(conversation, position)).toBe('gone');
      });
    });

    describe('lets listeners hear', () => {
      it('everything once and in order, wherever they are', async () => {
        const writer = await begin();
        const heard = [listen(owner, conversation), listen(other, conversation), listen(other, conversation)];
        await Promise.all([owner.since(conversation, writer.position), other.since(conversation, writer.position)]);
        const words = Array.from({ length: 50 }, (_, index) => `w${index}`);
        for (const word of words) await writer.say(word);
        for (const one of heard) await expect.poll(() => one.words).toEqual(words);
        for (const { entries } of heard) {
          const positions = entries.flatMap((entry) => (entry === 'restarted' ? [] : entry.events.map(([epoch, seq]) => ({ epoch, seq }))));
          expect(positions).toEqual(positions.toSorted(comparePositions));
        }
      });

      it('what was appended here before the append resolves', async () => {
        const writer = await begin();
        const heard = listen(owner, conversation);
        await owner.since(conversation, writer.position);
        await writer.say('a', 'b');
        expect(heard.words).toEqual(['a', 'b']);
      });

      it('nothing of another conversation, of what was refused, or once they have stopped', async () => {
        const writer = await begin();
        const heard = listen(other, conversation);
        const stopped = listen(other, conversation);
        await other.since(conversation, writer.position);
        await (await LogWriter.claim(owner)).say('elsewhere');
        await owner.append([{ conversation, after: { epoch: 1, seq: 9 }, events: placed({ epoch: 1, seq: 9 }, ['refused']) }]);
        stopped.stop();
        await writer.say('a');
        await expect.poll(() => heard.words).toEqual(['a']);
        expect(stopped.words).toEqual([]);
      });

      it('that it was claimed, with nothing of the epoch before after that', async () => {
        const writer = await begin();
        const heard = [listen(owner, conversation), listen(other, conversation)];
        await Promise.all([owner.since(conversation, writer.position), other.since(conversation, writer.position)]);
        await writer.say('a');
        for (const one of heard) await expect.poll(() => one.words).toEqual(['a']); // else the claim may overtake it
        const next = await LogWriter.claim(other, conversation, 2);
        await writer.say('stale');
        await next.say('b');
        for (const one of heard) await expect.poll(() => one.words).toEqual(['a', 'restarted', 'b']);
      });

      it('that its owner here has let go', async () => {
        const writer = await begin();
        const heard = listen(owner, conversation);
        await owner.since(conversation, writer.position);
        await owner.release(conversation, 1);
        await expect.poll(() => heard.words).toEqual(['restarted']);
      });

      it('everything that they did not read, whenever they begin', async () => {
        const writer = await begin();
        const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
        const tabs: Promise<{ known: PlacedEvent[]; heard: (LogEntry | 'restarted')[] }>[] = [];
        for (const [index, word] of words.entries()) {
          if (index % 4 === 0) {
            const bus = index % 8 === 0 ? other : owner;
            const { entries } = listen(bus, conversation);
            tabs.push(bus.since(conversation, { epoch: 1, seq: 0 }).then((known) => ({ known: known as PlacedEvent[], heard: entries })));
          }
          await writer.say(word);
        }
        for (const tab of tabs) {
          const { known, heard } = await tab;
          await expect.poll(() => wordsOf([...known, ...heard.flatMap((entry) => (entry === 'restarted' ? [] : entry.events)).filter(([, seq]) => seq > known.length)])).toEqual(words);
        }
      });
    });
  });
}
