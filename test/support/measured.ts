/** What `/metrics` said at one moment: the sum over all series of a metric that have these labels, 0 where there is none yet. Throws for a name that is of no metric. */
export type Readings = (metric: string, labels?: Readonly<Record<string, string>>) => number;

export async function measuredAt(url: string): Promise<Readings> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (metric, labels = {}) => {
    const family = metric.replace(/_(count|sum|bucket)$/u, '');
    if (![metric, family].some((name) => text.includes(`# TYPE ${name} `))) throw new Error(`there is no metric ${metric}`);
    const series = [...text.matchAll(new RegExp(`^${metric}(?:\\{(.*)\\})? (\\S+)$`, 'gmu'))];
    const having = series.filter(([, given = '']) => Object.entries(labels).every(([name, value]) => given.split(',').includes(`${name}="${value}"`)));
    return having.reduce((sum, [, , value]) => sum + Number(value), 0);
  };
}
