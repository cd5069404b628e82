import type { EasyInputMessage, ResponseCreateParamsStreaming, ResponseInputContent, ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import OpenAI from 'openai';
import { Failure } from '../../contracts/failures.ts';
import { failureOf, guarded, secretsOf } from './errors.ts';
import { isOpenaiChat, isOpenaiReasoning } from './families.ts';
import { dataUrl, explainOpenai, openaiClient } from './openai-client.ts';
import type { KeptResponses, Prompt, PromptMessage, Provider, ProviderModel, ProviderPart } from './provider.ts';
import type { Endpoint } from './settings.ts';

/**
 * OpenAI by its Responses API. Summaries of the model's thoughts are reasoning parts. Nothing is stored there, unless `background` is set: then replies are made in background mode and
 * stay there until they are forgotten.
 * Accounts that are not verified get no summaries: that is remembered and the call fails as `provider-busy` with no wait, so that the repetition without them is an attempt on record.
 */
export function openaiProvider(endpoint: Endpoint): Provider {
  const client = openaiClient(endpoint);
  const secrets = secretsOf(endpoint);
  let asksForSummary = true;
  const keeping = ({ purpose }: Prompt) => (endpoint.background === true && purpose === 'reply' ? { background: true, store: true } : {});
  return {
    stream: (prompt, signal) =>
      guarded(
        async function* (connection, began) {
          let events: AsyncIterable<ResponseStreamEvent>;
          try {
            events = await client.responses.create({ ...requestOf(prompt, asksForSummary), ...keeping(prompt) }, { signal: connection });
          } catch (error) {
            if (!asksForSummary || !isAboutSummary(error)) throw error;
            asksForSummary = false;
            throw new Failure('provider-busy', { retryAfterMs: 0 });
          }
          began();
          yield* partsOf(events);
        },
        signal,
        explainOpenai,
        secrets,
      ),
    ...(endpoint.background === true && { kept: keptResponses(client, secrets) }),
    async models(signal) {
      try {
        const names: string[] = [];
        for await (const model of client.models.list({ signal })) names.push(model.id);
        return chatModels(names);
      } catch (error) {
        throw failureOf(error, explainOpenai, false, secrets);
      }
    },
  };
}

/** The number of the event that only says that there is a response: everything is after it. */
const CREATED = 0;

/**
 * Listens from the first text on, not from where listening broke off: which event had been shown last would have to be as durable as the text itself, with every piece of it,
 * and the text already is.
 */
function keptResponses(client: OpenAI, secrets: readonly string[]): KeptResponses {
  return {
    stream: (response, signal) =>
      guarded(
        async function* (connection, began) {
          const events = await client.responses.retrieve(response, { stream: true, starting_after: CREATED }, { signal: connection });
          began();
          yield* partsOf(events);
        },
        signal,
        explainOpenai,
        secrets,
      ),
    async forget(response, goesOn) {
      try {
        if (goesOn) await client.responses.cancel(response).catch(() => undefined); // it may have ended by itself; else deleting says what is wrong
        await client.responses.delete(response);
      } catch (error) {
        throw failureOf(error, explainOpenai, false, secrets);
      }
    },
  };
}

function requestOf(prompt: Prompt, asksForSummary: boolean): ResponseCreateParamsStreaming {
  const { instructions, temperature, topP, maxOutputTokens, effort } = prompt.parameters;
  const thinks = isOpenaiReasoning(prompt.model);
  const isTitle = prompt.purpose === 'title';
  return {
    model: prompt.model,
    input: prompt.messages.map(inputOf),
    stream: true,
    store: false,
    ...(instructions !== undefined && { instructions }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(thinks && { reasoning: isTitle ? { effort: 'low' } : { ...(asksForSummary && { summary: 'auto' }), ...(effort !== undefined && { effort }) } }),
  };
}

function isAboutSummary(error: unknown): boolean {
  return error instanceof OpenAI.APIError && error.status === 400 && /reasoning\.summary|reasoning summar/iu.test(`${String(error.param)} ${error.message}`);
}

function inputOf(message: PromptMessage): ResponseInputItem {
  if (message.author === 'model') return { role: 'assistant', content: message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') } satisfies EasyInputMessage;
  const content: ResponseInputContent[] = message.parts.map((part) => (part.type === 'text' ? { type: 'input_text', text: part.text } : { type: 'input_image', image_url: dataUrl(part), detail: 'auto' }));
  return { role: 'user', content };
}

/** Tools that are not used here, echoes of what was said, and events yet to be invented are passed over. */
async function* partsOf(events: AsyncIterable<ResponseStreamEvent>): AsyncIterable<ProviderPart> {
  let refusal = '';
  let summaries = 0;
  for await (const event of events) {
    if (event.type === 'response.created' && event.response.background === true) yield { type: 'accepted', response: event.response.id };
    else if (event.type === 'response.output_text.delta') yield* said('text', event.delta);
    else if (event.type === 'response.reasoning_summary_part.added' && summaries++ > 0) yield { type: 'reasoning', text: '\n\n' };
    else if (event.type === 'response.reasoning_summary_text.delta' || event.type === 'response.reasoning_text.delta') yield* said('reasoning', event.delta);
    else if (event.type === 'response.refusal.delta') refusal += event.delta;
    else if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      yield* usageOf(event.response.usage);
      yield endOf(event.response.incomplete_details?.reason, refusal);
      return;
    } else if (event.type === 'response.failed') {
      yield* usageOf(event.response.usage);
      throw new OpenAI.APIError(undefined, event.response.error ?? { message: 'The response failed.' }, undefined, undefined);
    } else if (event.type === 'error') throw new OpenAI.APIError(undefined, event, undefined, undefined);
  }
}

/** Proxies are not always as good as the types promise. */
function* said(type: 'text' | 'reasoning', text: unknown): Iterable<ProviderPart> {
  if (typeof text === 'string' && text !== '') yield { type, text };
}

function endOf(incomplete: string | undefined, refusal: string): ProviderPart {
  if (incomplete === 'content_filter' || refusal !== '') return { type: 'end', reason: 'refused', ...(refusal !== '' && { detail: refusal }) };
  return { type: 'end', reason: incomplete === 'max_output_tokens' ? 'length' : 'done' };
}

function* usageOf(usage: OpenAI.Responses.ResponseUsage | null | undefined): Iterable<ProviderPart> {
  if (usage === null || usage === undefined) return;
  const numbers = {
    inputTokens: usage.input_tokens,
    cachedInputTokens: usage.input_tokens_details?.cached_tokens,
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens,
  };
  yield { type: 'usage', usage: Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isInteger(value))) };
}

/** A dated snapshot is left out when the name without the date is there too. */
function chatModels(names: readonly string[]): ProviderModel[] {
  const known = new Set(names);
  return names
    .filter(isOpenaiChat)
    .filter((name) => {
      const undated = name.replace(/-\d{4}(-\d{2}-\d{2})?$/u, '');
      return undated === name || !known.has(undated);
    })
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => ({ name }));
}
