import { expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { openMetrics } from './metrics.ts';

const providers = [{ id: 'acme', kind: 'openai-compatible' as const, models: Array.from({ length: 300 }, (_, index) => ({ name: `m${index}` })) }];

it('a model has a name in the metrics only where the operator has named it, and not without end; what somebody typed never becomes a label', async () => {
  const meter = openMetrics(providers);
  const end = (model?: string): void => meter.turnEnded(model as ModelId | undefined, { kind: 'completed' }, { inputTokens: 3, outputTokens: 4 });
  for (const { name } of providers[0]!.models) end(`acme/${name}`);
  end('acme/my secret plan');
  end('nowhere/my other plan');
  end('demo/demo');
  end();
  const text = await meter.text();
  expect(text).not.toContain('plan');
  expect(text).toContain('gorunchat_turns_total{provider="openai-compatible",model="acme/m7",outcome="completed",code=""} 1');
  expect(text).toContain('gorunchat_turns_total{provider="demo",model="demo/demo",outcome="completed",code=""} 1');
  expect(text).toContain('gorunchat_turns_total{provider="unknown",model="other",outcome="completed",code=""} 2');
  expect(text).toContain('gorunchat_tokens_total{provider="openai-compatible",model="acme/m7",direction="out"} 4');
  expect(new Set([...text.matchAll(/model="([^"]*)"/gu)].map(([, model]) => model)).size).toBe(101);
});

it('two products in one process count apart', async () => {
  const [one, other] = [openMetrics([]), openMetrics([])];
  one.stepped(2, 40);
  expect(await one.text()).toContain('gorunchat_characters_shown_total 40');
  expect(await other.text()).toContain('gorunchat_characters_shown_total 0');
});
