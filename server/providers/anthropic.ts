import Anthropic from '@anthropic-ai/sdk';
import type { ContentBlockParam, MessageCreateParamsStreaming, MessageParam, RawMessageStreamEvent, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages/messages';
import type { Usage } from '../../contracts/models.ts';
import { failureOf, guarded, retryAfterOf, secretsOf, type Explain } from './errors.ts';
import { claudeOutputTokens, claudeThinking } from './families.ts';
import type { Prompt, PromptMessage, PromptPart, Provider, ProviderModel, ProviderPart } from './provider.ts';
import type { Endpoint } from './settings.ts';

/** Tokens of thought for models that want a number. */
const BUDGET = { low: 2_048, medium: 8_192, high: 16_384 } as const;
/** Left for the answer itself beside the thoughts: both count towards the output limit. */
const ANSWER_TOKENS = 4_096;

/** Anthropic by its Messages API. Thinking is shown as reasoning; images go along as base64. */
export function anthropicProvider(endpoint: Endpoint): Provider {
  const client = new Anthropic({
    apiKey: endpoint.key ?? 'none',
    authToken: null,
    webhookKey: null,
    baseURL: endpoint.baseUrl ?? 'https://api.anthropic.com',
    defaultHeaders: endpoint.headers,
    maxRetries: 0,
    logLevel: 'off',
  });
  const secrets = secretsOf(endpoint);
  return {
    stream: (prompt, signal) =>
      guarded(
        async function* (connection, began) {
          const events = await client.messages.create(requestOf(prompt), { signal: connection });
          began();
          yield* partsOf(events);
        },
        signal,
        explain,
        secrets,
      ),
    async models(signal) {
      try {
        const found: ProviderModel[] = [];
        for await (const model of client.models.list({ limit: 1_000 }, { signal })) {
          if (model.lifecycle !== 'retired') found.push(listed(model));
        }
        return found;
      } catch (error) {
        throw failureOf(error, explain, false, secrets);
      }
    },
  };
}

const explain: Explain = (error) => {
  if (error instanceof Anthropic.APIConnectionError || error instanceof Anthropic.APIUserAbortError) return 'unreachable';
  if (!(error instanceof Anthropic.APIError)) return undefined;
  const body = (typeof error.error === 'object' && error.error !== null ? error.error : {}) as { error?: { message?: unknown; type?: unknown } | string | null };
  const inner = typeof body.error === 'object' && body.error !== null ? body.error : {};
  const said = [inner.message, body.error].find((value) => typeof value === 'string') as string | undefined;
  return { status: error.status, codes: [error.type, inner.type, error.errorCode], sentence: said, retryAfterMs: retryAfterOf(error.headers) };
};

function requestOf(prompt: Prompt): MessageCreateParamsStreaming {
  const { instructions, maxOutputTokens, effort } = prompt.parameters;
  const thinking = prompt.purpose === 'title' ? undefined : thinkingOf(prompt);
  const wanted = maxOutputTokens ?? claudeOutputTokens(prompt.model);
  const isAdaptive = claudeThinking(prompt.model) === 'adaptive';
  const asked = prompt.purpose === 'title' ? 'low' : effort;
  return {
    model: prompt.model,
    messages: alternating(prompt.messages),
    max_tokens: thinking?.type === 'enabled' ? Math.max(wanted, thinking.budget_tokens + ANSWER_TOKENS) : wanted,
    stream: true,
    ...(instructions !== undefined && instructions.trim() !== '' && { system: instructions }),
    ...(thinking && { thinking }),
    ...(isAdaptive && asked !== undefined && { output_config: { effort: asked } }),
  };
}

/** Newer models decide themselves how much to think; older ones think only when a person asks for it. */
function thinkingOf({ model, parameters: { effort } }: Prompt): ThinkingConfigParam | undefined {
  const kind = claudeThinking(model);
  if (kind === 'adaptive') return { type: 'adaptive', display: 'summarized' };
  return kind === 'budget' && effort !== undefined ? { type: 'enabled', budget_tokens: BUDGET[effort] } : undefined;
}

/** One message for each change of author, none of them empty: the API refuses empty text. */
function alternating(messages: readonly PromptMessage[]): MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  for (const message of messages) {
    const role = message.author === 'person' ? 'user' : 'assistant';
    const content = message.parts.filter((part) => part.type === 'image' || part.text.trim() !== '').map(blockOf);
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns;
}

function blockOf(part: PromptPart): ContentBlockParam {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const mediaType = part.mediaType as 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: Buffer.from(part.bytes).toString('base64') } };
}

async function* partsOf(events: AsyncIterable<RawMessageStreamEvent>): AsyncIterable<ProviderPart> {
  let counted: Counted = {};
  let stopped: { reason: string | null; explanation: string | undefined } = { reason: null, explanation: undefined };
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        counted = { ...counted, ...event.message?.usage };
        break;
      case 'content_block_start':
        if (event.content_block?.type === 'text') yield* said('text', event.content_block.text);
        break;
      case 'content_block_delta':
        if (event.delta?.type === 'text_delta') yield* said('text', event.delta.text);
        if (event.delta?.type === 'thinking_delta') yield* said('reasoning', event.delta.thinking);
        break;
      case 'message_delta':
        counted = { ...counted, ...withoutNulls(event.usage) };
        stopped = { reason: event.delta?.stop_reason ?? stopped.reason, explanation: event.delta?.stop_details?.explanation ?? stopped.explanation };
        break;
      case 'message_stop':
        yield { type: 'usage', usage: usageOf(counted) };
        yield endOf(stopped.reason, stopped.explanation);
        return;
      case 'content_block_stop':
      default: // and whatever is yet to be invented
    }
  }
}

/** Proxies are not always as good as the types promise. */
function* said(type: 'text' | 'reasoning', text: unknown): Iterable<ProviderPart> {
  if (typeof text === 'string' && text !== '') yield { type, text };
}

function endOf(reason: string | null, explanation: string | undefined): ProviderPart {
  if (reason === 'refusal') return { type: 'end', reason: 'refused', ...(explanation !== undefined && { detail: explanation }) };
  return { type: 'end', reason: reason === 'max_tokens' || reason === 'model_context_window_exceeded' ? 'length' : 'done' };
}

type Counted = Partial<Record<'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens' | 'output_tokens', number | null>> & { output_tokens_details?: { thinking_tokens?: number } | null };

/** Read and written cache is not in Anthropic's input count; here it is, as with the other providers. */
function usageOf(counted: Counted): Usage {
  const cached = counted.cache_read_input_tokens ?? 0;
  const thought = counted.output_tokens_details?.thinking_tokens;
  return {
    ...(typeof counted.input_tokens === 'number' && { inputTokens: counted.input_tokens + cached + (counted.cache_creation_input_tokens ?? 0) }),
    ...(cached > 0 && { cachedInputTokens: cached }),
    ...(typeof counted.output_tokens === 'number' && { outputTokens: counted.output_tokens }),
    ...(typeof thought === 'number' && { reasoningTokens: thought }),
  };
}

function withoutNulls(usage: object | undefined): Counted {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null));
}

function listed(model: Anthropic.ModelInfo): ProviderModel {
  const sees = model.capabilities?.image_input?.supported;
  return {
    name: model.id,
    label: model.display_name,
    ...(typeof model.max_input_tokens === 'number' && { contextTokens: model.max_input_tokens }),
    ...(typeof sees === 'boolean' && { vision: sees }),
  };
}
