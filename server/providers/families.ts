import type { ParameterField } from '../../contracts/models.ts';
import type { ProviderKind } from './settings.ts';

/** What is known of models by their names alone. The one place with name patterns; a setting or the provider's own list goes before it. */
export interface Family {
  readonly vision: boolean;
  readonly fields: readonly ParameterField[];
}

/** Without the maker that a router puts in front: `openai/gpt-5` → `gpt-5`. */
const bare = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();

const SAMPLED: readonly ParameterField[] = ['instructions', 'temperature', 'topP', 'maxOutputTokens'];
const THINKING: readonly ParameterField[] = ['instructions', 'maxOutputTokens', 'effort'];

const OPENAI_REASONING = /^(o[1-9]\b|gpt-([5-9]|\d\d)|codex)(?!.*chat)/u;
const OPENAI_VISION = /^(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|chatgpt-4o|gpt-([5-9]|\d\d)|o1(?!-mini|-preview)|o3(?!-mini)|o[4-9])/u;
const SEES = /vision|[-_]vl\b|\bvl[-_]|vl\d?:|llava|pixtral|gemma-?(3(?!.*\b(270m|1b)\b)|[4-9])|llama-?4|minicpm-v|internvl|moondream|mistral-(small|medium)-?3/u;
const NO_CHAT = /embed|whisper|\btts\b|-tts|speech|audio|realtime|transcribe|dall-e|image|imagen|veo|sora|moderation|rerank|reward|guard|davinci|babbage|-instruct-\d{4}|gpt-3\.5-turbo-instruct|search-preview|search-api|deep-research|computer-use|-live|\baqa\b|robotics|lyria/u;

/** Whether a listed model is one to chat with, by its name. */
export function isChatName(name: string): boolean {
  return !NO_CHAT.test(bare(name)) && !/^bge-|^text-embedding/u.test(bare(name));
}

/** OpenAI's own chat models, without those that only other endpoints serve. */
export function isOpenaiChat(name: string): boolean {
  return isChatName(name) && /^(ft:)?(gpt-|o[1-9]\b|chatgpt-|codex)/u.test(name);
}

/** Models of OpenAI that think before they answer take no temperature and count thoughts as output. */
export function isOpenaiReasoning(name: string): boolean {
  return OPENAI_REASONING.test(bare(name).replace(/^ft:/u, ''));
}

/** How a Claude model thinks: by itself (`adaptive`), within a budget (`budget`), or not at all. */
export function claudeThinking(name: string): 'adaptive' | 'budget' | 'none' {
  const id = bare(name);
  if (/^claude-(2|instant|3-(5|opus|sonnet|haiku))/u.test(id)) return 'none';
  return /^claude-3-7|^claude-(opus|sonnet|haiku)-4(-[0-5])?(-\d{8}|@\d{8}|-latest|$)/u.test(id) ? 'budget' : 'adaptive';
}

/** The output limit that Claude models are asked with when the person sets none, in tokens: the API wants one. */
export function claudeOutputTokens(name: string): number {
  const id = bare(name);
  if (/^claude-(2|instant|3-(opus|sonnet|haiku))/u.test(id)) return 4_096;
  return id.startsWith('claude-3-5') ? 8_192 : 32_000;
}

/** How a Gemini model thinks: by a level, within a budget, or not at all. */
export function geminiThinking(name: string): 'level' | 'budget' | 'none' {
  const id = bare(name);
  if (id.startsWith('gemini-2.5')) return 'budget';
  return /^gemini-([3-9]|\d\d)|^gemini-(pro|flash|flash-lite)-latest/u.test(id) ? 'level' : 'none';
}

/** What is known of models with such a name: what they take, and how they are drawn. */
export function familyOf(kind: ProviderKind, name: string): Family {
  switch (kind) {
    case 'openai':
      return { vision: OPENAI_VISION.test(name.replace(/^ft:/u, '')), fields: isOpenaiReasoning(name) ? THINKING : SAMPLED };
    case 'anthropic':
      return { vision: !/^claude-(2|instant)/u.test(bare(name)), fields: claudeThinking(name) === 'none' ? ['instructions', 'maxOutputTokens'] : THINKING };
    case 'google':
      return { vision: bare(name).startsWith('gemini') || SEES.test(bare(name)), fields: geminiThinking(name) === 'none' ? SAMPLED : [...SAMPLED, 'effort'] };
    case 'openai-compatible':
      return { vision: SEES.test(bare(name)) || OPENAI_VISION.test(bare(name)) || /^(claude|gemini)-/u.test(bare(name)), fields: compatibleFields(bare(name)) };
  }
}

function compatibleFields(name: string): readonly ParameterField[] {
  if (isOpenaiReasoning(name)) return THINKING;
  return /^gpt-oss|^grok-3-mini|^magistral/u.test(name) ? [...SAMPLED, 'effort'] : SAMPLED;
}
