import { startChild } from '../child.ts';
import { state, type Found } from '../figures.ts';
import type { Run } from '../run.ts';
import type { Script } from '../script.ts';

/** A third of a megabyte in each reply; the kernel takes several megabytes before the server has to hold anything. */
const SCRIPT: Script = { tokens: 700, firstMs: 1, everyMs: 1, size: 500, staysOpen: false };

/** What the server holds for a tab that stopped reading, while another one reads long replies to the end. */
export async function slowTab({ isQuick, say }: Run): Promise<Found> {
  await using provider = await startChild('./servers/fake-provider.ts');
  await using product = await startChild('./servers/product.ts');
  await using clients = await startChild('./clients/slow-tab.ts');
  const url = await product.ask<string>('start', { provider: await provider.ask('start') });
  await clients.ask('prepare', { url, script: { ...SCRIPT, tokens: 10 } });
  const turns = isQuick ? 24 : 36;
  await product.ask('watchHeld');
  let held = { packets: 0, bytes: 0 };
  for (let turn = 0; turn < turns; turn++) {
    await clients.ask('turn', SCRIPT);
    held = await product.ask('held');
    if (turn % 8 === 7) say(`${turn + 1} of ${turns} replies; at most ${held.bytes.toLocaleString('en')} bytes held so far`);
  }
  return {
    name: 'slow tab',
    setting: `${turns} replies of ${(SCRIPT.tokens * SCRIPT.size).toLocaleString('en')} characters; what waits in the socket and its stream, looked at each millisecond`,
    rows: [
      state('most packets held for it', '1', [held.packets]),
      state('most bytes held for it', 'KiB', [held.bytes / 1_024]),
      state('sent to it in all', 'KiB', [(turns * SCRIPT.tokens * SCRIPT.size) / 1_024]),
    ],
    samples: held,
  };
}
