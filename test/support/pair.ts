import { newCluster, type Cluster, type Instance } from './cluster.ts';
import { newAccount, Tab } from './tab.ts';

/** Two instances, and somebody whose long reply grows on the first of them. */
export interface Pair extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly owner: Instance;
  /** Lets the reply grow, with a tab on each instance that sees it do so. */
  growing(): Promise<{ here: Tab; there: Tab }>;
}

export const LONG = 'Write something long';

export async function newPair(environment: Record<string, string>, how?: 'direct' | 'linked'): Promise<Pair> {
  const cluster = await newCluster(2, environment, how);
  const owner = cluster.instances[0] as Instance;
  const mara = await newAccount(owner.url);
  const tabs: Tab[] = [];
  return {
    cluster,
    owner,
    async growing() {
      for (const { url } of cluster.instances) tabs.push(await new Tab(mara, url).ready());
      const [here, there] = tabs as [Tab, Tab];
      await there.open(await here.begin(LONG));
      for (const tab of [here, there]) await tab.until(() => tab.shown.length > 60);
      return { here, there };
    },
    async [Symbol.asyncDispose]() {
      for (const tab of tabs) await tab[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}
