import { expect, it } from 'vitest';
import { googleProvider } from '../../server/providers/google.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { collect, failureIn, providerSuite } from './provider.suite.ts';

const chunk = (parts: object[], more: object = {}, rest: object = {}): string => event({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], modelVersion: 'gemini', ...rest });
const usageMetadata = { promptTokenCount: 120, cachedContentTokenCount: 20, candidatesTokenCount: 20, thoughtsTokenCount: 10, totalTokenCount: 150 };
const error = (code: number, status: string, message: string, details: object[] = []) => ({ status: code, body: { error: { code, message, status, details } } });

providerSuite({
  name: 'google',
  model: 'gemini-2.5-flash',
  basePath: '',
  open: googleProvider,
  begin: '',
  text: (text) => chunk([{ text }]),
  reasoning: (text) => chunk([{ text, thought: true }]),
  end: chunk([{ text: '', thoughtSignature: 'abc' }], { finishReason: 'STOP' }, { usageMetadata }),
  cut: chunk([], { finishReason: 'MAX_TOKENS' }, { usageMetadata }),
  refusal: event({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } }),
  unknown: [event({ hologram: true }), chunk([{ hologram: 1 }]), event({ candidates: [] })],
  malformed: event('{"candidates": ['),
  overloadedEvent: event({ error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' } }),
  errors: {
    key: error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]),
    busy: error(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }]),
    overloaded: error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
    tooLong: error(400, 'INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
    content: error(400, 'INVALID_ARGUMENT', 'The request was blocked by the safety system.'),
    unknownModel: error(404, 'NOT_FOUND', 'models/no-such-model is not found for API version v1beta'),
  },
  sentImage: (body, base64) => JSON.stringify(body).includes(base64) && JSON.stringify(body).includes('image/png'),
  parameters: { temperature: 0.3, topP: 0.9, maxOutputTokens: 500, effort: 'high' },
  sentParameters: (body) => (body as { generationConfig: unknown }).generationConfig,
  wantedParameters: { temperature: 0.3, topP: 0.9, maxOutputTokens: 500, thinkingConfig: { includeThoughts: true, thinkingBudget: 24_576 } },
  list: {
    body: {
      models: [
        { name: 'models/gemini-2.5-flash', displayName: 'Gemini 2.5 Flash', inputTokenLimit: 1_048_576, supportedGenerationMethods: ['generateContent', 'countTokens'] },
        { name: 'models/gemini-embedding-001', displayName: 'Embedding', supportedGenerationMethods: ['embedContent'] },
        { name: 'models/gemini-2.5-flash-image', displayName: 'Image', supportedGenerationMethods: ['generateContent'] },
        { name: 'models/gemini-2.5-flash-preview-tts', displayName: 'Speech', supportedGenerationMethods: ['generateContent'] },
      ],
    },
    names: ['gemini-2.5-flash'],
  },
});

const signal = new AbortController().signal;
const prompt = { purpose: 'reply', messages: [{ author: 'person', parts: [{ type: 'text', text: 'Hi' }] }], parameters: { instructions: 'Be brief.', effort: 'low' } } as const;

it.each([
  ['gemini-3-pro', { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } }, systemInstruction: {} }],
  ['gemma-3-27b-it', { contents: [{ parts: [{ text: 'Be brief.' }] }, { parts: [{ text: 'Hi' }] }] }],
] as const)('%s is asked in the way it knows', async (model, wanted) => {
  await using raw = await newRawProvider();
  const asked = collect(googleProvider({ baseUrl: raw.url, key: 'AIza0123456789', headers: {} }).stream({ ...prompt, model }, signal));
  const call = await raw.next();
  expect(call.path).toBe(`/v1beta/models/${model}:streamGenerateContent?alt=sse`);
  expect(call.body).toMatchObject(wanted);
  call.open();
  await call.write(chunk([{ text: 'Hello' }], { finishReason: 'SAFETY' }));
  call.end();
  expect((await asked).at(-1)).toEqual({ type: 'end', reason: 'refused' });
});

it('an answer that ended in a way that is no end is broken off', async () => {
  await using raw = await newRawProvider();
  const asked = collect(googleProvider({ baseUrl: raw.url, key: 'AIza0123456789', headers: {} }).stream({ ...prompt, model: 'gemini-3-pro' }, signal));
  const call = await raw.next();
  call.open();
  await call.write(chunk([], { finishReason: 'MALFORMED_RESPONSE' }));
  call.end();
  expect(await failureIn(asked)).toMatchObject({ code: 'provider-broke-off', detail: 'MALFORMED_RESPONSE' });
});
