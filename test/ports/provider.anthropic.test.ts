import { expect, it } from 'vitest';
import { anthropicProvider } from '../../server/providers/anthropic.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { collect, providerSuite } from './provider.suite.ts';

const say = (type: string, more: object = {}): string => event({ type, ...more }, type);
const stop = (reason: string, more: object = {}): string =>
  say('message_delta', { delta: { stop_reason: reason, stop_sequence: null, ...more }, usage: { output_tokens: 30, output_tokens_details: { thinking_tokens: 10 }, input_tokens: null } }) + say('message_stop');
const error = (status: number, type: string, message: string) => ({ status, body: { type: 'error', error: { type, message } } });

providerSuite({
  name: 'anthropic',
  model: 'claude-opus-4-8',
  basePath: '',
  open: anthropicProvider,
  begin: say('message_start', { message: { id: 'm1', type: 'message', role: 'assistant', content: [], model: 'claude', stop_reason: null, stop_sequence: null, usage: { input_tokens: 70, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 1 } } }) + say('ping'),
  text: (text) => say('content_block_delta', { index: 1, delta: { type: 'text_delta', text } }),
  reasoning: (text) => say('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }) + say('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: text } }) + say('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'abc' } }) + say('content_block_stop', { index: 0 }),
  end: stop('end_turn'),
  cut: stop('max_tokens'),
  refusal: stop('refusal', { stop_details: { type: 'refusal', explanation: 'Not this.', category: null } }),
  unknown: [say('hologram_delta', { x: 1 }), say('content_block_delta', { index: 3, delta: { type: 'hologram_delta' } }), say('content_block_delta', { index: 3 })],
  malformed: event('{"type": "content_bl', 'content_block_delta'),
  overloadedEvent: event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
  errors: {
    key: error(401, 'authentication_error', 'invalid x-api-key'),
    busy: error(429, 'rate_limit_error', 'This request would exceed your rate limit.'),
    overloaded: error(529, 'overloaded_error', 'Overloaded'),
    tooLong: error(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    content: error(400, 'invalid_request_error', 'Output blocked by content filtering policy'),
    unknownModel: error(404, 'not_found_error', 'model: no-such-model'),
  },
  sentImage: (body, base64) => JSON.stringify(body).includes(`{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${base64}"}}`),
  parameters: { effort: 'high', maxOutputTokens: 500 },
  sentParameters: (body) => {
    const { thinking, output_config, max_tokens } = body as Record<string, unknown>;
    return { thinking, output_config, max_tokens };
  },
  wantedParameters: { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' }, max_tokens: 500 },
  list: {
    body: { data: [{ type: 'model', id: 'claude-opus-4-8', display_name: 'Claude Opus 4.8', created_at: '2026-01-01T00:00:00Z', lifecycle: 'active', max_input_tokens: 200_000 }, { type: 'model', id: 'claude-2', display_name: 'Claude 2', created_at: '2023-01-01T00:00:00Z', lifecycle: 'retired' }], has_more: false, first_id: null, last_id: null },
    names: ['claude-opus-4-8'],
  },
});

const signal = new AbortController().signal;

it('a model that thinks within a budget gets room for its answer beside the thoughts, and only when a person asks for effort', async () => {
  await using raw = await newRawProvider();
  const provider = anthropicProvider({ baseUrl: raw.url, key: 'sk-0123456789', headers: {} });
  const messages = [{ author: 'person', parts: [{ type: 'text', text: 'Hi' }] }] as const;
  for (const [parameters, wanted] of [[{ effort: 'medium', maxOutputTokens: 1_000 }, { thinking: { type: 'enabled', budget_tokens: 8_192 }, max_tokens: 12_288 }], [{ maxOutputTokens: 1_000 }, { max_tokens: 1_000 }]] as const) {
    const asked = collect(provider.stream({ purpose: 'reply', model: 'claude-haiku-4-5-20251001', messages, parameters }, signal));
    const call = await raw.next();
    expect(call.body).toMatchObject(wanted);
    expect('thinking' in (call.body as object)).toBe('thinking' in wanted);
    call.open();
    call.end();
    expect(await asked).toEqual([]);
  }
});

it('an emptied reply in the thread is not sent, and its neighbours are one message', async () => {
  await using raw = await newRawProvider();
  const text = (author: 'person' | 'model', words: string) => ({ author, parts: [{ type: 'text' as const, text: words }] });
  const messages = [text('person', 'One'), text('model', '  '), text('person', 'Two')];
  const asked = collect(anthropicProvider({ baseUrl: raw.url, key: 'sk-0123456789', headers: {} }).stream({ purpose: 'title', model: 'claude-opus-4-8', messages, parameters: {} }, signal));
  const call = await raw.next();
  expect(call.body).toMatchObject({ messages: [{ role: 'user', content: [{ text: 'One' }, { text: 'Two' }] }], output_config: { effort: 'low' } });
  call.open();
  call.end();
  await asked;
});
