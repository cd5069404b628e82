import { comingBack, crowdOnOneReply, stormThere } from './deployment-crowd.ts';
import { deployment, type Deployment } from './deployment.ts';
import type { Found } from './figures.ts';
import type { Run } from './run.ts';
import { delivery } from './scenarios/delivery.ts';
import { ending, endingOnInstances } from './scenarios/ending.ts';
import { exporting } from './scenarios/exporting.ts';
import { failover } from './scenarios/failover.ts';
import { firstTokenSealed } from './scenarios/first-token-sealed.ts';
import { firstToken } from './scenarios/first-token.ts';
import { idle, idleOnInstances, visitors } from './scenarios/idle.ts';
import { instances } from './scenarios/instances.ts';
import { live } from './scenarios/live.ts';
import { manyTabs } from './scenarios/many-tabs.ts';
import { replay } from './scenarios/replay.ts';
import { sealing, sealingOnMongo } from './scenarios/sealing.ts';
import { slowTab } from './scenarios/slow-tab.ts';
import { storm, stormOnInstances } from './scenarios/storm.ts';

/** On servers of this machine that are started for it. */
export const HERE = {
  'first-token': firstToken, 'first-token-sealed': firstTokenSealed, delivery, 'many-tabs': manyTabs, replay, idle, 'idle-instances': idleOnInstances, visitors, 'slow-tab': slowTab,
  instances, live, failover, storm, 'storm-instances': stormOnInstances, sealing, 'sealing-mongo': sealingOnMongo, exporting, ending, 'ending-instances': endingOnInstances,
} satisfies Record<string, (run: Run) => Promise<Found>>;

/** Against a deployment that runs, as a person with an account there. */
export const THERE = { 'first-token': deployment, 'many-tabs': crowdOnOneReply, replay: comingBack, storm: stormThere } satisfies Record<string, (given: Deployment, run: Run) => Promise<Found>>;

/** Why the others run only here; who adds a scenario decides it. */
export const ONLY_HERE: Record<Exclude<keyof typeof HERE, keyof typeof THERE>, string> = {
  idle: 'is about the memory of the servers, which cannot be seen from outside',
  'idle-instances': 'is about the memory of the servers, which cannot be seen from outside',
  visitors: 'is about the memory of the servers, which cannot be seen from outside',
  'slow-tab': 'needs replies of megabytes, and looks at what the server holds',
  delivery: 'is about the processor time of the server, which cannot be seen from outside',
  instances: 'is about the processor time of the servers; with several --url every scenario has its tabs on all of them',
  'storm-instances': 'is `storm` with several --url',
  live: 'needs a model whose pace is known, and goes on until the servers are full',
  failover: 'kills servers',
  ending: 'closes sites, and has more visitors than an address may have',
  'ending-instances': 'closes sites, and has more visitors than an address may have',
  exporting: 'writes to a data folder of its own',
  sealing: 'writes to a store of its own',
  'sealing-mongo': 'writes to a store of its own',
  'first-token-sealed': 'needs a server without a part of it',
};
