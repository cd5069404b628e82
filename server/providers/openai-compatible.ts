import OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionContentPart, ChatCompletionCreateParamsStreaming, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { Failure } from '../../contracts/failures.ts';
import { failureOf, guarded, secretsOf } from './errors.ts';
import { isChatName, isOpenaiReasoning } from './families.ts';
import { dataUrl, explainOpenai, openaiClient } from './openai-client.ts';
import type { Prompt, PromptMessage, Provider, ProviderModel, ProviderPart } from './provider.ts';
import type { Endpoint } from './settings.ts';
import { withoutThinkTags } from './think-tags.ts';

/**
 * Any server that speaks Chat Completions: Ollama, llama.cpp, vLLM, OpenRouter and the like. The key is optional.
 * A server that rejects `stream_options` is remembered and the call fails as `provider-busy` with no wait, so that the repetition without it is an attempt on record.
 */
export function openaiCompatibleProvider(endpoint: Endpoint): Provider {
  const client = openaiClient(endpoint);
  const secrets = secretsOf(endpoint);
  let asksForUsage = true;
  return {
    stream: (prompt, signal) =>
      guarded(
        async function* (connection, began) {
          let chunks: AsyncIterable<ChatCompletionChunk>;
          try {
            chunks = await client.chat.completions.create(requestOf(prompt, asksForUsage), { signal: connection });
          } catch (error) {
            if (!asksForUsage || !isAboutStreamOptions(error)) throw error;
            asksForUsage = false;
            throw new Failure('provider-busy', { retryAfterMs: 0 });
          }
          began();
          yield* withoutThinkTags(partsOf(chunks));
        },
        signal,
        explainOpenai,
        secrets,
      ),
    async models(signal) {
      try {
        const found: ProviderModel[] = [];
        for await (const model of client.models.list({ signal })) {
          if (typeof model.id === 'string' && isChatName(model.id)) found.push(listed(model));
        }
        return found;
      } catch (error) {
        throw failureOf(error, explainOpenai, false, secrets);
      }
    },
  };
}

function requestOf(prompt: Prompt, asksForUsage: boolean): ChatCompletionCreateParamsStreaming {
  const { instructions, temperature, topP, maxOutputTokens, effort } = prompt.parameters;
  const system: ChatCompletionMessageParam[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  return {
    model: prompt.model,
    messages: [...system, ...prompt.messages.map(messageOf)],
    stream: true,
    ...(asksForUsage && { stream_options: { include_usage: true } }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxOutputTokens !== undefined && (isOpenaiReasoning(prompt.model) ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens })),
    ...(effort !== undefined && { reasoning_effort: effort }),
  };
}

function messageOf(message: PromptMessage): ChatCompletionMessageParam {
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  if (message.author === 'model') return { role: 'assistant', content: text };
  // Plain text where there is no image: many servers know no other form.
  if (message.parts.every((part) => part.type === 'text')) return { role: 'user', content: text };
  const content: ChatCompletionContentPart[] = message.parts.map((part) => (part.type === 'text' ? { type: 'text', text: part.text } : { type: 'image_url', image_url: { url: dataUrl(part) } }));
  return { role: 'user', content };
}

/** A reason to finish is the terminal event; the chunk with the usage comes after it, so the rest is still read. */
async function* partsOf(chunks: AsyncIterable<ChatCompletionChunk>): AsyncIterable<ProviderPart> {
  let finished: string | undefined;
  let refusal = '';
  let usage: ProviderPart | undefined;
  try {
    for await (const chunk of chunks) {
      usage = usageOf(chunk) ?? usage;
      const choice = chunk.choices?.[0];
      if (choice === undefined) continue;
      const delta = (choice.delta ?? {}) as { content?: unknown; refusal?: unknown; reasoning_content?: unknown; reasoning?: unknown };
      const thought = delta.reasoning_content ?? delta.reasoning;
      if (typeof thought === 'string' && thought !== '') yield { type: 'reasoning', text: thought };
      if (typeof delta.content === 'string' && delta.content !== '') yield { type: 'text', text: delta.content };
      if (typeof delta.refusal === 'string') refusal += delta.refusal;
      finished = choice.finish_reason ?? finished;
    }
  } catch (error) {
    if (finished === undefined) throw error; // after its reason to finish a server may close as it likes
  }
  if (usage !== undefined) yield usage;
  if (finished === undefined) return;
  if (finished === 'content_filter' || refusal !== '') yield { type: 'end', reason: 'refused', ...(refusal !== '' && { detail: refusal }) };
  else yield { type: 'end', reason: finished === 'length' || finished === 'max_tokens' ? 'length' : 'done' };
}

function usageOf({ usage }: ChatCompletionChunk): ProviderPart | undefined {
  if (usage === null || usage === undefined) return undefined;
  const numbers = {
    inputTokens: usage.prompt_tokens,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens,
    outputTokens: usage.completion_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
  };
  return { type: 'usage', usage: Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isInteger(value))) };
}

function isAboutStreamOptions(error: unknown): boolean {
  return error instanceof OpenAI.APIError && (error.status === 400 || error.status === 422) && /stream_options|include_usage/iu.test(error.message);
}

/** OpenRouter tells a name, a length and what goes in; vLLM tells a length. */
function listed(model: { id: string }): ProviderModel {
  const more = model as { id: string; name?: unknown; context_length?: unknown; max_model_len?: unknown; architecture?: { input_modalities?: unknown } };
  const tokens = [more.context_length, more.max_model_len].find((value) => Number.isInteger(value)) as number | undefined;
  const inputs = more.architecture?.input_modalities;
  return {
    name: model.id,
    ...(typeof more.name === 'string' && { label: more.name }),
    ...(tokens !== undefined && { contextTokens: tokens }),
    ...(Array.isArray(inputs) && { vision: inputs.includes('image') }),
  };
}
