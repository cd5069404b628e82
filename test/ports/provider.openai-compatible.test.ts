import { expect, it } from 'vitest';
import { openaiCompatibleProvider } from '../../server/providers/openai-compatible.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { collect, failureIn, providerSuite } from './provider.suite.ts';

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  event({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'local', choices: [{ index: 0, delta, finish_reason: finish }], ...more });
const usage = event({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'local', choices: [], usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150, prompt_tokens_details: { cached_tokens: 20 }, completion_tokens_details: { reasoning_tokens: 10 } } });
const done = event('[DONE]');
const error = (status: number, message: string, code: string | null, type = 'invalid_request_error') => ({ status, body: { error: { message, type, param: null, code } } });

providerSuite({
  name: 'openai-compatible',
  model: 'llama3.2:3b',
  basePath: '/v1',
  open: openaiCompatibleProvider,
  begin: `: keep-alive\n\n${chunk({ role: 'assistant', content: '' })}`,
  text: (text) => chunk({ content: text }),
  reasoning: (text) => chunk({ reasoning_content: text }),
  end: chunk({}, 'stop') + usage + done,
  cut: chunk({}, 'length') + done,
  refusal: chunk({}, 'content_filter') + done,
  unknown: [event({ object: 'something.new', hello: 1 }), event({ choices: [{ delta: { audio: { data: 'x' } } }] }), event({ choices: [{}] })],
  malformed: event('{"choices": ['),
  overloadedEvent: event({ error: { message: 'The engine is currently overloaded, please try again later', code: 503, type: 'server_error' } }),
  errors: {
    key: error(401, 'Incorrect API key provided', 'invalid_api_key'),
    busy: error(429, 'Rate limit reached', 'rate_limit_exceeded', 'tokens'),
    overloaded: error(503, 'Overloaded', null, 'server_error'),
    tooLong: error(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", null),
    content: error(400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", 'content_filter'),
    unknownModel: error(404, 'The model `no-such-model` does not exist', 'model_not_found'),
  },
  sentImage: (body, base64) => JSON.stringify(body).includes(`{"type":"image_url","image_url":{"url":"data:image/png;base64,${base64}"}}`),
  parameters: { temperature: 0.3, topP: 0.9, maxOutputTokens: 500 },
  sentParameters: (body) => {
    const { temperature, top_p, max_tokens, stream_options } = body as Record<string, unknown>;
    return { temperature, top_p, max_tokens, stream_options };
  },
  wantedParameters: { temperature: 0.3, top_p: 0.9, max_tokens: 500, stream_options: { include_usage: true } },
  list: {
    body: { object: 'list', data: [{ id: 'llama3.2:3b', object: 'model' }, { id: 'nomic-embed-text', object: 'model' }, { id: 'qwen3:8b', object: 'model', max_model_len: 32_768 }] },
    names: ['llama3.2:3b', 'qwen3:8b'],
  },
});

const signal = new AbortController().signal;
const prompt = { purpose: 'reply', model: 'local', messages: [{ author: 'person', parts: [{ type: 'text', text: 'Hi' }] }], parameters: {} } as const;

it('a server that rejects stream_options is asked again without them, as an attempt of its own', async () => {
  await using raw = await newRawProvider();
  const provider = openaiCompatibleProvider({ baseUrl: `${raw.url}/v1`, key: undefined, headers: {} });
  const first = collect(provider.stream(prompt, signal));
  const rejected = await raw.next();
  expect(rejected.headers.authorization).toBeUndefined();
  rejected.reply(422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] });
  expect(await failureIn(first)).toMatchObject({ code: 'provider-busy', retryAfterMs: 0 });
  const second = collect(provider.stream(prompt, signal));
  const call = await raw.next();
  expect(call.body).not.toHaveProperty('stream_options');
  call.open();
  await call.write(chunk({ content: 'Hello' }), chunk({}, 'stop'), done);
  call.end();
  expect(await second).toEqual([{ type: 'text', text: 'Hello' }, { type: 'end', reason: 'done' }]);
});

it('a server that closes the connection right after its reason to finish has ended', async () => {
  await using raw = await newRawProvider();
  const asked = collect(openaiCompatibleProvider({ baseUrl: `${raw.url}/v1`, key: undefined, headers: {} }).stream(prompt, signal));
  const call = await raw.next();
  call.open();
  await call.write(chunk({ reasoning: 'Hm.' }), chunk({ content: 'Hello' }), chunk({}, 'stop'));
  call.reset();
  expect((await asked).at(-1)).toEqual({ type: 'end', reason: 'done' });
});
