import { ModelId } from './ids.ts';
import { z } from './zod.ts';

/** What a person may set per conversation. A model that lacks a field never receives it; `fields` of the model says which it has. */
export const Parameters = z
  .strictObject({
    instructions: z.string().max(32_000).refine(isWellFormed, 'not valid text').optional(),
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().min(0).max(1).optional(),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
    effort: z.enum(['low', 'medium', 'high']).optional(),
  })
  .meta({ id: 'Parameters' });
export type Parameters = z.infer<typeof Parameters>;

export const ParameterField = z.enum(['instructions', 'temperature', 'topP', 'maxOutputTokens', 'effort']);
export type ParameterField = z.infer<typeof ParameterField>;

/** A model as the picker shows it. */
export const Model = z
  .object({
    id: ModelId,
    name: z.string(),
    provider: z.string(),
    providerName: z.string(),
    /** Whether images may be sent to it. */
    vision: z.boolean(),
    fields: z.array(ParameterField),
    /** Tokens; absent when the provider does not say. */
    contextTokens: z.int().optional(),
    /** The provider wants a key that this person has not given yet. */
    needsKey: z.boolean(),
    isDemo: z.boolean(),
    description: z.string().optional(),
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof Model>;

/** A provider for which people may bring their own key. */
export const ProviderKey = z
  .object({ provider: z.string(), providerName: z.string(), isSet: z.boolean(), hint: z.string().optional(), expiresAt: z.int().nullable() })
  .meta({ id: 'ProviderKey' });
export type ProviderKey = z.infer<typeof ProviderKey>;

/** Tokens as the provider counted them; absent numbers were not reported. */
export const Usage = z
  .object({
    inputTokens: z.int().optional(),
    cachedInputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    reasoningTokens: z.int().optional(),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

/** Half a surrogate pair cannot be stored as UTF-8 without becoming another text, so it is refused. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
