import { expect, it } from 'vitest';
import { claudeOutputTokens, claudeThinking, familyOf, geminiThinking, isChatName, isOpenaiChat } from './families.ts';
import type { ProviderKind } from './settings.ts';

it.each<[ProviderKind, string, boolean, string]>([
  ['openai', 'gpt-5', true, 'instructions maxOutputTokens effort'],
  ['openai', 'gpt-5.2-codex', true, 'instructions maxOutputTokens effort'],
  ['openai', 'gpt-5-chat-latest', true, 'instructions temperature topP maxOutputTokens'],
  ['openai', 'o4-mini', true, 'instructions maxOutputTokens effort'],
  ['openai', 'o3-mini', false, 'instructions maxOutputTokens effort'],
  ['openai', 'gpt-4o-mini', true, 'instructions temperature topP maxOutputTokens'],
  ['openai', 'gpt-3.5-turbo', false, 'instructions temperature topP maxOutputTokens'],
  ['openai', 'ft:gpt-4o-mini:org::id', true, 'instructions temperature topP maxOutputTokens'],
  ['anthropic', 'claude-opus-5-5', true, 'instructions maxOutputTokens effort'],
  ['anthropic', 'claude-haiku-4-5', true, 'instructions maxOutputTokens effort'],
  ['anthropic', 'claude-3-5-haiku-20241022', true, 'instructions maxOutputTokens'],
  ['google', 'gemini-2.5-pro', true, 'instructions temperature topP maxOutputTokens effort'],
  ['google', 'gemini-2.0-flash', true, 'instructions temperature topP maxOutputTokens'],
  ['google', 'gemma-3-27b-it', true, 'instructions temperature topP maxOutputTokens'],
  ['openai-compatible', 'llama3.2:3b', false, 'instructions temperature topP maxOutputTokens'],
  ['openai-compatible', 'openai/gpt-5', true, 'instructions maxOutputTokens effort'],
  ['openai-compatible', 'gpt-oss:20b', false, 'instructions temperature topP maxOutputTokens effort'],
  ['openai-compatible', 'qwen3-vl:8b', true, 'instructions temperature topP maxOutputTokens'],
  ['openai-compatible', 'Qwen/Qwen2.5-VL-7B-Instruct', true, 'instructions temperature topP maxOutputTokens'],
  ['openai-compatible', 'gemma3:1b', false, 'instructions temperature topP maxOutputTokens'],
  ['openai-compatible', 'gemma3:12b', true, 'instructions temperature topP maxOutputTokens'],
])('%s %s sees: %s, has: %s', (kind, name, vision, fields) => {
  expect(familyOf(kind, name)).toEqual({ vision, fields: fields.split(' ') });
});

it('what cannot chat is left out of lists', () => {
  const names = ['gpt-4o', 'gpt-4o-audio-preview', 'gpt-4o-search-preview', 'o3-deep-research', 'gpt-image-1', 'text-embedding-3-large', 'omni-moderation-latest', 'sora-2', 'chatgpt-4o-latest', 'babbage-002'];
  expect(names.filter(isOpenaiChat)).toEqual(['gpt-4o', 'chatgpt-4o-latest']);
  expect(['llama3', 'mxbai-embed-large', 'bge-m3', 'whisper-large', 'Llama-Guard-4-12B', 'qwen3-reranker', 'mistralai/Mistral-7B-Instruct-v0.3'].filter(isChatName)).toEqual(['llama3', 'mistralai/Mistral-7B-Instruct-v0.3']);
});

it('each model thinks in the way it knows', () => {
  expect(['claude-3-5-sonnet-latest', 'claude-3-7-sonnet-20250219', 'claude-opus-4-20250514', 'claude-opus-4-1', 'claude-sonnet-4-5-20250929', 'claude-opus-4-6', 'claude-sonnet-4-6', 'claude-haiku-5-5', 'anthropic/claude-sonnet-5'].map(claudeThinking)).toEqual(
    ['none', 'budget', 'budget', 'budget', 'budget', 'adaptive', 'adaptive', 'adaptive', 'adaptive'],
  );
  expect(['gemini-2.0-flash', 'gemini-2.5-flash-lite', 'gemini-3-pro-preview', 'gemini-flash-latest', 'gemma-3-4b-it'].map(geminiThinking)).toEqual(['none', 'budget', 'level', 'level', 'none']);
  expect(['claude-3-haiku-20240307', 'claude-3-5-haiku-latest', 'claude-opus-4-8'].map(claudeOutputTokens)).toEqual([4_096, 8_192, 32_000]);
});
