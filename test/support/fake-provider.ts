import { LLMock } from '@copilotkit/aimock';

/** What a fake provider was asked, whatever the dialect. */
export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  /** The text of the last message of the person. */
  readonly question: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type FakeAnswer =
  | { readonly text: string; readonly reasoning?: string }
  | { readonly status: number; readonly message: string; readonly code?: string; readonly retryAfterSeconds?: number };

export interface FakeOptions {
  /** Milliseconds between chunks, and characters in each. */
  readonly latencyMs?: number;
  readonly chunkSize?: number;
}

/** A working provider on a free port that speaks every dialect: Responses and Chat Completions under `/v1`, Messages, and Gemini. */
export interface FakeProvider extends AsyncDisposable {
  readonly url: string;
  /** Every request in order. */
  readonly asked: readonly Asked[];
}

/** `answer` says what to reply to a request, and may be told apart by how often it was called before. */
export async function newFakeProvider(answer: (asked: Asked, before: number) => FakeAnswer, options: FakeOptions = {}): Promise<FakeProvider> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', latency: options.latencyMs ?? 0, chunkSize: options.chunkSize ?? 20, logLevel: 'silent' });
  let before = 0;
  mock.on({ predicate: () => true }, (request) => {
    const said = answer(askedOf('', {}, request as unknown as Record<string, unknown>), before++);
    if ('text' in said) return { content: said.text, ...(said.reasoning !== undefined && { reasoning: said.reasoning }), usage: USAGE };
    return {
      error: { message: said.message, ...(said.code !== undefined && { code: said.code, type: said.code }) },
      status: said.status,
      ...(said.retryAfterSeconds !== undefined && { retryAfter: said.retryAfterSeconds }),
    };
  });
  const url = await mock.start();
  return {
    url,
    get asked() {
      return mock.getRequests().map((entry) => askedOf(entry.path, entry.headers, (entry.body ?? {}) as Record<string, unknown>));
    },
    async [Symbol.asyncDispose]() {
      await mock.stop();
    },
  };
}

/** Each dialect takes its own names. */
const USAGE = { prompt_tokens: 12, completion_tokens: 5, input_tokens: 12, output_tokens: 5, promptTokenCount: 12, candidatesTokenCount: 5, totalTokenCount: 17 };

function askedOf(path: string, headers: Readonly<Record<string, string>>, body: Record<string, unknown>): Asked {
  const messages = (body['messages'] ?? []) as { role: string; content: unknown }[];
  const last = messages.findLast((message) => message.role === 'user')?.content;
  const parts = Array.isArray(last) ? (last as { text?: string }[]).map((part) => part.text ?? '').join('') : '';
  return { path, headers, model: typeof body['model'] === 'string' ? body['model'] : '', question: typeof last === 'string' ? last : parts, body };
}
