import { expect, it } from 'vitest';
import { openaiProvider } from '../../server/providers/openai.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { collect, failureIn, providerSuite } from './provider.suite.ts';

let sequence = 0;
const say = (type: string, more: object = {}): string => event({ type, sequence_number: sequence++, ...more }, type);
const usage = { input_tokens: 120, input_tokens_details: { cached_tokens: 20 }, output_tokens: 30, output_tokens_details: { reasoning_tokens: 10 }, total_tokens: 150 };
const response = (status: string, more: object = {}) => ({ response: { id: 'resp_1', object: 'response', status, output: [], usage, ...more } });
const delta = (type: string, text: string): string => say(type, { item_id: 'i1', output_index: 0, content_index: 0, summary_index: 0, delta: text });
const error = (status: number, message: string, code: string | null, type = 'invalid_request_error') => ({ status, body: { error: { message, type, param: null, code } } });

providerSuite({
  name: 'openai',
  model: 'gpt-5',
  basePath: '/v1',
  open: openaiProvider,
  begin: say('response.created', response('in_progress', { usage: null })) + say('response.in_progress', response('in_progress', { usage: null })),
  text: (text) => delta('response.output_text.delta', text),
  reasoning: (text) => say('response.reasoning_summary_part.added', { item_id: 'i0', output_index: 0, summary_index: 0, part: { type: 'summary_text', text: '' } }) + delta('response.reasoning_summary_text.delta', text),
  end: say('response.completed', response('completed')),
  cut: say('response.incomplete', response('incomplete', { incomplete_details: { reason: 'max_output_tokens' } })),
  refusal: delta('response.refusal.delta', 'I cannot help with that.') + say('response.completed', response('completed')),
  unknown: [say('response.hologram.delta', { delta: 'x' }), say('response.output_item.added', { item: { type: 'compaction' } })],
  malformed: event('{"type": "response.outp', 'response.output_text.delta'),
  overloadedEvent: say('response.failed', response('failed', { error: { code: 'server_error', message: 'The model is overloaded.' } })),
  errors: {
    key: error(401, 'Incorrect API key provided', 'invalid_api_key'),
    busy: error(429, 'Rate limit reached for gpt-5', 'rate_limit_exceeded', 'requests'),
    overloaded: error(503, 'The engine is currently overloaded', null, 'server_error'),
    tooLong: error(400, 'Your input exceeds the context window of this model.', 'context_length_exceeded'),
    content: error(400, 'Invalid prompt: your prompt was flagged.', 'invalid_prompt'),
    unknownModel: error(404, 'The model `no-such-model` does not exist or you do not have access to it.', 'model_not_found'),
  },
  sentImage: (body, base64) => JSON.stringify(body).includes(`{"type":"input_image","image_url":"data:image/png;base64,${base64}","detail":"auto"}`),
  parameters: { effort: 'high', maxOutputTokens: 500 },
  sentParameters: (body) => {
    const { reasoning, max_output_tokens, store } = body as Record<string, unknown>;
    return { reasoning, max_output_tokens, store };
  },
  wantedParameters: { reasoning: { summary: 'auto', effort: 'high' }, max_output_tokens: 500, store: false },
  list: {
    body: { object: 'list', data: ['gpt-4o-2024-08-06', 'gpt-4o', 'whisper-1', 'text-embedding-3-small', 'gpt-5', 'gpt-image-1', 'gpt-4o-realtime-preview', 'o3', 'tts-1', 'dall-e-3', 'gpt-3.5-turbo-instruct', 'gpt-3.5-turbo-0125'].map((id) => ({ id, object: 'model', created: 1, owned_by: 'x' })) },
    names: ['o3', 'gpt-5', 'gpt-4o', 'gpt-3.5-turbo-0125'],
  },
});

const signal = new AbortController().signal;
const prompt = { purpose: 'reply', model: 'gpt-5', messages: [{ author: 'person', parts: [{ type: 'text', text: 'Hi' }] }], parameters: {} } as const;

it('an account that may not see summaries is asked again without them, as an attempt of its own', async () => {
  await using raw = await newRawProvider();
  const provider = openaiProvider({ baseUrl: `${raw.url}/v1`, key: 'sk-0123456789', headers: {} });
  const first = collect(provider.stream(prompt, signal));
  (await raw.next()).reply(400, { error: { message: 'Your organization must be verified to generate reasoning summaries.', type: 'invalid_request_error', param: 'reasoning.summary', code: 'unsupported_value' } });
  expect(await failureIn(first)).toMatchObject({ code: 'provider-busy', retryAfterMs: 0 });
  const second = collect(provider.stream(prompt, signal));
  const call = await raw.next();
  expect(call.body).toMatchObject({ reasoning: {} });
  expect(call.body).not.toHaveProperty('reasoning.summary');
  call.open();
  await call.write(delta('response.output_text.delta', 'Hello'), say('response.completed', response('completed')));
  call.end();
  expect((await second).at(-1)).toEqual({ type: 'end', reason: 'done' });
});

it('an empty account is not asked again and again', async () => {
  await using raw = await newRawProvider();
  const asked = collect(openaiProvider({ baseUrl: `${raw.url}/v1`, key: 'sk-0123456789', headers: {} }).stream(prompt, signal));
  (await raw.next()).reply(429, { error: { message: 'You exceeded your current quota.', type: 'insufficient_quota', param: null, code: 'insufficient_quota' } });
  expect(await failureIn(asked)).toMatchObject({ code: 'provider-refused', detail: 'You exceeded your current quota.' });
});

it('a reply that is to be kept is made in background mode and named, heard again by its number, and forgotten; a title is not kept', async () => {
  await using raw = await newRawProvider();
  const provider = openaiProvider({ baseUrl: `${raw.url}/v1`, key: 'sk-0123456789', headers: {}, background: true });
  const first = collect(provider.stream(prompt, signal));
  const made = await raw.next();
  expect(made.body).toMatchObject({ background: true, store: true, stream: true });
  made.open();
  await made.write(say('response.created', response('in_progress', { background: true, usage: null })), delta('response.output_text.delta', 'Hi'));
  made.reset();
  expect(await failureIn(first)).toMatchObject({ code: 'provider-broke-off' });

  const again = collect(provider.kept!.stream('resp_1', signal));
  const heard = await raw.next();
  expect([heard.method, heard.path]).toEqual(['GET', '/v1/responses/resp_1?stream=true&starting_after=0']);
  heard.open();
  await heard.write(delta('response.output_text.delta', 'Hi'), delta('response.output_text.delta', ' there'), say('response.completed', response('completed')));
  heard.end();
  expect((await again).filter(({ type }) => type !== 'usage')).toEqual([{ type: 'text', text: 'Hi' }, { type: 'text', text: ' there' }, { type: 'end', reason: 'done' }]);

  const gone = collect(provider.kept!.stream('resp_1', signal));
  (await raw.next()).reply(404, { error: { message: "Response with id 'resp_1' not found.", type: 'invalid_request_error', param: 'id', code: null } });
  expect(await failureIn(gone)).toMatchObject({ code: 'provider-refused' });

  const forgetting = provider.kept!.forget('resp_1', true);
  const calls: string[] = [];
  for (const answer of [{ status: 400, body: { error: { message: 'Cannot cancel a completed response.' } } }, { status: 200, body: { id: 'resp_1', deleted: true } }]) {
    const call = await raw.next();
    calls.push(`${call.method} ${call.path}`);
    call.reply(answer.status, answer.body);
  }
  await forgetting;
  expect(calls).toEqual(['POST /v1/responses/resp_1/cancel', 'DELETE /v1/responses/resp_1']);

  const title = collect(provider.stream({ ...prompt, purpose: 'title' }, signal));
  const asked = await raw.next();
  expect(asked.body).toMatchObject({ store: false });
  expect(asked.body).not.toHaveProperty('background');
  asked.reply(401, {});
  await failureIn(title);
  expect(openaiProvider({ baseUrl: `${raw.url}/v1`, key: 'sk-0123456789', headers: {} }).kept).toBeUndefined();
});
