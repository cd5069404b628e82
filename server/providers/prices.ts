import type { ModelId } from '../../contracts/ids.ts';
import type { Usage } from '../../contracts/models.ts';
import type { Cost } from '../../contracts/records.ts';
import type { ModelSettings, ProviderSettings } from './settings.ts';

const PER = 1_000_000;

/** What a reply of this model cost, at the prices of today; `undefined` where no price is set or it is not known what was used. */
export type CostOf = (model: ModelId, usage: Usage | undefined) => Cost | undefined;

/** The prices that the deployment has set, all in one currency. Tokens that a provider took from its cache count in full: what they cost differs too much. */
export function openPrices(providers: readonly ProviderSettings[], currency: string | undefined): CostOf {
  const prices = new Map<string, ModelSettings['price']>(providers.flatMap(({ id, models }) => models.map(({ name, price }) => [`${id}/${name}`, price] as const)));
  return (model, usage) => {
    const price = prices.get(model);
    if (currency === undefined || price === undefined || usage === undefined) return undefined;
    return { amount: ((usage.inputTokens ?? 0) * price.input + (usage.outputTokens ?? 0) * price.output) / PER, currency };
  };
}
