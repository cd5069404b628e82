import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../contracts/failures.ts';
import type { Parameters } from '../../contracts/models.ts';
import type { Prompt, Provider, ProviderPart } from '../../server/providers/provider.ts';
import type { Endpoint } from '../../server/providers/settings.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { freePort } from '../support/process.ts';
import { newRawProvider, type RawCall, type RawProvider } from '../support/raw-provider.ts';

/** How one provider puts what all of them say. Streams are texts as they go over the wire. */
export interface Dialect {
  readonly name: string;
  readonly model: string;
  /** Appended to the server's address. */
  readonly basePath: string;
  open(endpoint: Endpoint): Provider;
  readonly begin: string;
  text(text: string): string;
  reasoning(text: string): string;
  /** The terminal event with 120 tokens in (20 of them cached) and 30 out (10 of them thought). */
  readonly end: string;
  readonly cut: string;
  readonly refusal: string;
  readonly unknown: readonly string[];
  readonly malformed: string;
  readonly overloadedEvent: string;
  readonly errors: Readonly<Record<'key' | 'busy' | 'overloaded' | 'tooLong' | 'content' | 'unknownModel', { readonly status: number; readonly body: unknown }>>;
  /** What the request must hold for an image, and for the parameters given. */
  sentImage(body: unknown, base64: string): boolean;
  readonly parameters: Parameters;
  sentParameters(body: unknown): unknown;
  readonly wantedParameters: unknown;
  readonly list: { readonly body: unknown; readonly names: readonly string[] };
}

const KEY = 'sk-very-secret-0123456789';
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export async function collect(stream: AsyncIterable<ProviderPart>): Promise<ProviderPart[]> {
  const parts: ProviderPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

export function said(parts: readonly ProviderPart[], type: 'text' | 'reasoning'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
}

export async function failureIn(asked: Promise<unknown>): Promise<Failure> {
  const error = await asked.then(
    (value) => new Error(`nothing failed: ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}

export function providerSuite(dialect: Dialect): void {
  describe(`the provider ${dialect.name}`, () => {
    let raw: RawProvider;
    beforeEach(async () => {
      raw = await newRawProvider();
    });
    afterEach(() => raw[Symbol.asyncDispose]());

    const endpointAt = (url: string): Endpoint => ({ baseUrl: url + dialect.basePath, key: KEY, headers: { 'x-team': 'headers-go-along' } });
    const open = (url = raw.url): Provider => dialect.open(endpointAt(url));
    const prompt = (more: Partial<Prompt> = {}): Prompt => ({
      purpose: 'reply',
      model: dialect.model,
      messages: [{ author: 'person', parts: [{ type: 'text', text: 'Name a colour.' }] }],
      parameters: { instructions: 'Be brief.' },
      ...more,
    });
    const ask = (more: Partial<Prompt> = {}, signal = new AbortController().signal): AsyncIterator<ProviderPart> => open().stream(prompt(more), signal)[Symbol.asyncIterator]();
    const whole = (): Promise<ProviderPart[]> => collect(open().stream(prompt(), new AbortController().signal));
    const begun = async (...texts: string[]): Promise<RawCall> => {
      const call = await raw.next();
      call.open();
      await call.write(dialect.begin, ...texts);
      return call;
    };

    it('gives text and reasoning as they come, then the usage, and its end last', async () => {
      const parts = ask();
      const first = parts.next();
      const call = await begun(dialect.reasoning('Hm. '), dialect.text('Blue'));
      expect((await first).value).toEqual({ type: 'reasoning', text: 'Hm. ' });
      expect((await parts.next()).value).toEqual({ type: 'text', text: 'Blue' });
      await call.write(dialect.text(', perhaps'));
      expect((await parts.next()).value).toEqual({ type: 'text', text: ', perhaps' });
      await call.write(dialect.end);
      call.end();
      expect((await parts.next()).value).toEqual({ type: 'usage', usage: { inputTokens: 120, cachedInputTokens: 20, outputTokens: 30, reasoningTokens: 10 } });
      expect((await parts.next()).value).toEqual({ type: 'end', reason: 'done' });
      expect((await parts.next()).done).toBe(true);
      expect(inspect(call.headers)).toContain(KEY);
      expect(call.headers['x-team']).toBe('headers-go-along');
      expect(JSON.stringify(call.body)).toContain('Be brief.');
    });

    it('sends the whole thread, images and the parameters that the model has', async () => {
      const messages: Prompt['messages'] = [
        { author: 'person', parts: [{ type: 'text', text: 'What is this?' }, { type: 'image', mediaType: 'image/png', bytes: PIXEL }] },
        { author: 'model', parts: [{ type: 'text', text: 'A pixel.' }] },
        { author: 'person', parts: [{ type: 'text', text: 'Which colour?' }] },
      ];
      const parts = ask({ messages, parameters: dialect.parameters });
      const ended = parts.next();
      const call = await begun(dialect.end);
      call.end();
      await ended;
      const { body } = call;
      const text = JSON.stringify(body);
      expect(['What is this?', 'A pixel.', 'Which colour?'].map((one) => text.indexOf(one))).toSatisfy((at: number[]) => at.every((one, index) => one > (at[index - 1] ?? 0)));
      expect(dialect.sentImage(body, PIXEL.toString('base64'))).toBe(true);
      expect(dialect.sentParameters(body)).toEqual(dialect.wantedParameters);
    });

    it('closes the connection when it is stopped, before and after the first text', async () => {
      const early = new AbortController();
      const waiting = ask({}, early.signal).next();
      const unanswered = await raw.next();
      early.abort();
      expect((await waiting).done).toBe(true);
      await unanswered.closed;

      const late = new AbortController();
      const parts = ask({}, late.signal);
      const first = parts.next();
      const call = await begun(dialect.text('Bl'));
      await first;
      const next = parts.next();
      late.abort();
      expect((await next).done).toBe(true);
      await call.closed;
    });

    it('closes the connection when nobody listens any more', async () => {
      const parts = ask();
      const first = parts.next();
      const call = await begun(dialect.text('Bl'));
      await first;
      await parts.return?.();
      await call.closed;
      expect((await parts.next()).done).toBe(true);
    });

    it('says no end when the body ends without the terminal event', async () => {
      const asked = whole();
      const call = await begun(dialect.text('Blue'));
      call.end();
      expect((await asked).map((part) => part.type)).toEqual(['text']);
    });

    it('is broken off when the connection is reset in the middle', async () => {
      const parts = ask();
      const first = parts.next();
      const call = await begun(dialect.text('Blue'));
      await first;
      call.reset();
      expect(await failureIn(parts.next())).toMatchObject({ code: 'provider-broke-off' });
    });

    it('is unreachable when nobody listens there, or hangs up before a word', async () => {
      const nobody = open(`http://127.0.0.1:${await freePort()}`).stream(prompt(), new AbortController().signal);
      expect(await failureIn(collect(nobody))).toMatchObject({ code: 'provider-unreachable' });
      const asked = whole();
      (await raw.next()).reset();
      expect(await failureIn(asked)).toMatchObject({ code: 'provider-unreachable' });
      expect(raw.calls).toHaveLength(1);
    });

    it.each([
      ['key', 'provider-key-refused'],
      ['busy', 'provider-busy'],
      ['overloaded', 'provider-busy'],
      ['tooLong', 'context-too-long'],
      ['content', 'content-refused'],
      ['unknownModel', 'provider-refused'],
    ] as const)('answers the error %s as %s, asking once', async (which, code) => {
      const asked = whole();
      const { status, body } = dialect.errors[which];
      (await raw.next()).reply(status, body, which === 'busy' ? { 'retry-after': '7' } : {});
      const failure = await failureIn(asked);
      expect(failure).toMatchObject({ code, retryAfterMs: which === 'busy' ? 7_000 : undefined });
      expect(failure.detail ?? '').toContain(which === 'unknownModel' ? 'no-such-model' : '');
      expect(raw.calls).toHaveLength(1);
    });

    it('names no key, even when the provider repeats it', async () => {
      const asked = whole();
      (await raw.next()).reply(400, { error: { message: `wrong: ${KEY} and headers-go-along`, code: KEY, status: KEY, type: 'x' } });
      const failure = await failureIn(asked);
      expect(inspect(failure, { depth: 10 })).not.toContain(KEY);
      expect(inspect(failure, { depth: 10 })).not.toContain('headers-go-along');
      expect(failure.detail).toContain('wrong: …');
    });

    it('survives pages where JSON is expected', async () => {
      const asked = whole();
      (await raw.next()).reply(502, '<html><h1>Bad gateway</h1></html>', { 'content-type': 'text/html' });
      expect(await failureIn(asked)).toMatchObject({ code: 'provider-busy' });
      const again = whole();
      (await raw.next()).reply(401, '{"error": nonsense', { 'content-type': 'application/json' });
      expect((await failureIn(again)).code).toMatch(/^provider-(key-refused|broke-off)$/u);
    });

    it('passes an error event on: busy before the first text, broken off after it', async () => {
      const asked = whole();
      await begun(dialect.overloadedEvent);
      expect(await failureIn(asked)).toMatchObject({ code: 'provider-busy' });
      const again = whole();
      await begun(dialect.text('Blue'), dialect.overloadedEvent);
      expect(await failureIn(again)).toMatchObject({ code: 'provider-broke-off' });
    });

    it('is broken off by an event that cannot be read, and closes the connection', async () => {
      const asked = whole();
      const call = await begun(dialect.text('Blue'), dialect.malformed);
      expect(await failureIn(asked)).toMatchObject({ code: 'provider-broke-off' });
      await call.closed;
    });

    it('passes over events that it does not know', async () => {
      const asked = whole();
      const call = await begun(...dialect.unknown, dialect.text('Blue'), ...dialect.unknown, dialect.end);
      call.end();
      const parts = await asked;
      expect(said(parts, 'text')).toBe('Blue');
      expect(parts.at(-1)).toEqual({ type: 'end', reason: 'done' });
    });

    it('tells an answer cut at the limit from a refused one', async () => {
      const cut = whole();
      (await begun(dialect.text('Bl'), dialect.cut)).end();
      expect((await cut).at(-1)).toMatchObject({ type: 'end', reason: 'length' });
      const refused = whole();
      (await begun(dialect.refusal)).end();
      expect((await refused).at(-1)).toMatchObject({ type: 'end', reason: 'refused' });
    });

    it('lists the models that one can chat with', async () => {
      const asked = open().models(new AbortController().signal);
      const call = await raw.next();
      expect(call.method).toBe('GET');
      call.reply(200, dialect.list.body);
      expect((await asked).map((model) => model.name)).toEqual(dialect.list.names);
      const refused = open().models(new AbortController().signal);
      (await raw.next()).reply(dialect.errors.key.status, dialect.errors.key.body);
      expect(await failureIn(refused)).toMatchObject({ code: 'provider-key-refused' });
    });

    it('talks to an independent imitation of the provider', async () => {
      await using fake = await newFakeProvider(({ question }) => ({ text: `You said: ${question}`, reasoning: 'First I think.' }));
      const parts = await collect(open(fake.url).stream(prompt(), new AbortController().signal));
      expect(said(parts, 'text')).toBe('You said: Name a colour.');
      expect(said(parts, 'reasoning')).toBe('First I think.');
      expect(parts.at(-1)).toEqual({ type: 'end', reason: 'done' });
      expect(parts.at(-2)).toMatchObject({ type: 'usage', usage: { inputTokens: 12, outputTokens: 5 } });
      expect(fake.asked).toHaveLength(1);
    });
  });
}
