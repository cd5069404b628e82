import type { ModelId } from '../../contracts/ids.ts';
import { scriptFor } from '../../server/providers/demo-script.ts';
import { event, newRawProvider, type RawCall } from '../support/raw-provider.ts';

/** What the demo says, by another server over HTTP, which counts what it is asked. */
export interface CountedModel extends AsyncDisposable {
  readonly id: ModelId;
  /** What an instance needs to be told to have it. */
  readonly environment: Record<string, string>;
  /** How often it was asked anything, titles included, in which these words stand. */
  callsFor(words: string): number;
}

export async function newCountedModel(wordsPerSecond: number): Promise<CountedModel> {
  const provider = await newRawProvider();
  const serve = async (): Promise<void> => {
    for (;;) void answer(await provider.next(), 1_000 / wordsPerSecond);
  };
  void serve();
  return {
    id: 'openai/scripted' as ModelId,
    environment: { OPENAI_API_KEY: 'sk-0123456789', OPENAI_MODELS: 'scripted', OPENAI_REVERSE_PROXY: `${provider.url}/v1` },
    callsFor: (words) => provider.calls.filter(({ body }) => JSON.stringify(body ?? '').includes(words)).length,
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

async function answer(call: RawCall, everyMs: number): Promise<void> {
  const { messages = [] } = (call.body ?? {}) as { messages?: { content: unknown }[] };
  const isTitle = JSON.stringify(messages).includes('at most six words');
  const asked = messages.at(-1)?.content;
  const question = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const said = isTitle ? [{ type: 'text' as const, text: 'A title' }] : scriptFor({ purpose: 'reply', model: 'demo', parameters: {}, messages: [{ author: 'person', parts: [{ type: 'text', text: question }] }] });
  let isOver = false;
  void call.closed.then(() => (isOver = true));
  call.open();
  for (const { type, text } of said) {
    for (const word of text.match(/\s*\S+\s*?(?=\s|$)|\s+/gu) ?? []) {
      if (isOver) return;
      await call.write(event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: type === 'text' ? { content: word } : { reasoning_content: word }, finish_reason: null }] }));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
  await call.write(event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), event('[DONE]'));
  call.end();
}
