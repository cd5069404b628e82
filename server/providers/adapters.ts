import type { Provider } from './provider.ts';
import type { Endpoint, ProviderKind } from './settings.ts';

/** Opens the adapter of a kind. Its SDK is loaded when it is first wanted: nobody pays for those that are not used. */
export async function openProvider(kind: ProviderKind, endpoint: Endpoint): Promise<Provider> {
  switch (kind) {
    case 'openai':
      return (await import('./openai.ts')).openaiProvider(endpoint);
    case 'openai-compatible':
      return (await import('./openai-compatible.ts')).openaiCompatibleProvider(endpoint);
    case 'anthropic':
      return (await import('./anthropic.ts')).anthropicProvider(endpoint);
    case 'google':
      return (await import('./google.ts')).googleProvider(endpoint);
  }
}
