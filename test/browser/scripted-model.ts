import { event, newRawProvider, type RawCall } from '../support/raw-provider.ts';

/** A reply that a test writes word by word. */
export interface ScriptedReply {
  /** The model that was asked. */
  readonly model: string;
  say(...texts: string[]): Promise<void>;
  /** The provider's own end: the reply is complete. */
  finish(): Promise<void>;
}

/** A model that says what the test says, when the test says it. Titles it makes by itself. */
export interface ScriptedModel extends AsyncDisposable {
  /** What a server needs to be told to have it as its only model with a key. */
  readonly environment: Record<string, string>;
  /** The reply that is asked for next. */
  next(): Promise<ScriptedReply>;
  /** A whole reply to whatever is asked next. */
  answer(text: string): Promise<void>;
  /** Refuses what is asked next, as a provider does. */
  refuse(status: number, code: string, message: string): Promise<void>;
}

/** A test whose message never arrived says so, instead of running out of time somewhere else. */
const ASKED_WITHIN_MS = 20_000;

const chunk = (content: string, finish: string | null = null): string => event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

export async function newScriptedModel(): Promise<ScriptedModel> {
  const provider = await newRawProvider();
  const asked: RawCall[] = [];
  const waiting: ((call: RawCall) => void)[] = [];
  const serve = async (): Promise<void> => {
    const call = await provider.next();
    if (isTitle(call)) await sayTitle(call);
    else if (waiting.length > 0) waiting.shift()?.(call);
    else asked.push(call);
    return serve();
  };
  void serve();
  const nextQuestion = (): Promise<RawCall> => {
    const call = asked.shift();
    return call === undefined ? new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the model was not asked in time; asked so far: ${provider.calls.length} times`)), ASKED_WITHIN_MS);
      waiting.push((call) => (clearTimeout(late), resolve(call)));
    }) : Promise.resolve(call);
  };
  const next = async (): Promise<ScriptedReply> => {
    const call = await nextQuestion();
    call.open();
    return {
      model: (call.body as { model: string }).model,
      say: (...texts) => call.write(...texts.map((text) => chunk(text))),
      async finish() {
        await call.write(chunk('', 'stop'), event('[DONE]'));
        call.end();
      },
    };
  };
  return {
    environment: { OPENAI_API_KEY: 'sk-0123456789', OPENAI_MODELS: 'tiny', OPENAI_REVERSE_PROXY: `${provider.url}/v1` },
    next,
    async answer(text) {
      const reply = await next();
      await reply.say(text);
      await reply.finish();
    },
    async refuse(status, code, message) {
      (await nextQuestion()).reply(status, { error: { message, code, type: 'invalid_request_error' } });
    },
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** Paragraphs that tell themselves apart, for `say`. */
export const lines = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `Line ${from + index} of the reply.\n\n`);

async function sayTitle(call: RawCall): Promise<void> {
  call.open();
  await call.write(chunk('A title'), chunk('', 'stop'), event('[DONE]'));
  call.end();
}

function isTitle({ body }: RawCall): boolean {
  return JSON.stringify(body ?? '').includes('at most six words');
}
