import { expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { chunk, finish, newRawProvider, type RawCall, type RawProvider } from '../support/raw-provider.ts';
import { newAccount, Tab } from '../support/tab.ts';

const CONCLUDED_WITHIN_MS = 45_000;
const MODEL = 'openai/gpt-5' as ModelId;

/** Two instances, the first of which is told to end while a reply grows there that says what the test lets it say. */
interface Leaving extends AsyncDisposable {
  readonly leaving: Instance;
  readonly staying: Instance;
  /** On the instance that stays. */
  readonly tab: Tab;
  readonly call: RawCall;
}

async function leaveWithin(seconds: number): Promise<Leaving> {
  const provider: RawProvider = await newRawProvider();
  const cluster: Cluster = await newCluster(2, { HAND_OVER_SECONDS: String(seconds), OPENAI_API_KEY: 'sk-0123456789', OPENAI_MODELS: 'gpt-5', OPENAI_REVERSE_PROXY: `${provider.url}/v1` });
  const [leaving, staying] = cluster.instances as [Instance, Instance];
  const mara = await newAccount(leaving.url);
  await using here = await new Tab(mara).ready();
  const tab = await new Tab(mara, staying.url).ready();
  const conversation = await here.begin('How far is it?', { model: MODEL });
  const call = await provider.next();
  await tab.open(conversation);
  call.open();
  await call.write(chunk('As far as '));
  await tab.until(() => tab.shown === 'As far as ');
  const sentAway = new Promise((resolve) => here.socket.once('disconnect', resolve));
  leaving.signal('SIGTERM');
  await sentAway;
  return {
    leaving, staying, tab, call,
    async [Symbol.asyncDispose]() {
      await tab[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function takenOverBy({ url }: Instance): Promise<number> {
  return Number(/^gorunchat_turns_taken_over_total (\d+)$/mu.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
}

it('a turn that ends within the time that a leaving instance is given ends complete there, and the instance goes then', async () => {
  await using at = await leaveWithin(300);
  expect(at.tab.view?.turn).not.toBeNull();
  await at.call.write(chunk('the sea.'));
  await finish(at.call);
  await at.tab.until(() => at.tab.view?.turn === null, 'the turn ends', CONCLUDED_WITHIN_MS);
  expect(at.tab.thread.at(-1)).toBe('model: As far as the sea. [completed]');
  expect(await at.leaving.ended).toBe(0);
  expect(await takenOverBy(at.staying)).toBe(0);
});

it('[RP1] a turn that does not is left by it, and concluded with its text by the instance that stays', async () => {
  await using at = await leaveWithin(1);
  await at.tab.until(() => at.tab.view?.turn === null, 'the turn is concluded', CONCLUDED_WITHIN_MS);
  expect(at.tab.thread.at(-1)).toBe('model: As far as  [interrupted]');
  await at.call.closed;
  expect(await at.leaving.ended).toBe(0);
  expect(await takenOverBy(at.staying)).toBe(1);
});
