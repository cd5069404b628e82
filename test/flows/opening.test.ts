import { expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { comparePositions } from '../../contracts/position.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Bus, LogEntry } from '../../server/bus/bus.ts';
import { newId } from '../../server/ids.ts';
import { newDirectory, newSend, user } from '../support/directory.ts';

/** A bus whose events are heard before whoever appended them is told so, as with a Redis that is some way off. */
function slowToAnswer() {
  const held: (() => void)[] = [];
  const hold = { isOn: false };
  const around = (bus: Bus): Bus => ({
    ...bus,
    async append(entries) {
      const verdicts = await bus.append(entries);
      if (hold.isOn) await new Promise<void>((resolve) => held.push(resolve));
      return verdicts;
    },
  });
  return { around, hold, release: () => held.splice(0).forEach((go) => go()) };
}

it('[RS1] a view holds everything that was heard before it was asked for: a tab that opens in between would miss what nothing follows', async () => {
  const slow = slowToAnswer();
  let bus: Bus | undefined;
  await using at = await newDirectory(new Set(), (inner) => (bus = slow.around(inner)));
  const conversation: ConversationId = await at.begin();
  const heard: LogEntry[] = [];
  const opened = await at.directory.open(conversation, user);
  const { promise, resolve } = Promise.withResolvers<void>();
  bus?.subscribe(conversation, (entry) => {
    if (entry === 'restarted') return;
    heard.push(entry);
    resolve();
  });
  slow.hold.isOn = true;
  const asking = at.directory.command({ ...newSend(conversation), commandId: newId(), message: newId() }, { user, session: null, address: '', agent: '' });
  await promise;
  const [epoch, seq] = heard.at(-1)!.events.at(-1)!;
  let view: ConversationView | undefined;
  const reading = opened.read().then((read) => (view = read));
  await new Promise((later) => setImmediate(later));
  const cameEarly = view !== undefined;
  slow.hold.isOn = false;
  slow.release();
  expect(cameEarly).toBe(false);
  expect(comparePositions((await reading).position, { epoch, seq })).toBeGreaterThanOrEqual(0);
  expect(await asking).toMatchObject({ ok: true });
});
