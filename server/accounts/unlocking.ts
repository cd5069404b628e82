import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../contracts/failures.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { Config } from '../config.ts';
import { newId } from '../ids.ts';
import { onlyInstance, sharedInstances, type Instances, type InstancesWorld } from '../journal/instances.ts';
import { openKeys, personKey, type Keys } from '../journal/keys.ts';
import { BEFORE, CURRENT, givenMasterKeys, type MasterKeys } from '../journal/master-keys.ts';
import { checkMasters } from '../journal/masters-in-use.ts';
import { CannotStart } from '../start-up.ts';
import type { Store } from '../store/store.ts';

/** The keys of a deployment, and this instance among those that have them. */
export interface Unlocked extends InstancesWorld {
  readonly keys: Keys;
  readonly instances: Instances;
}

/**
 * The keys under the deployment's master key. Throws `CannotStart` when what stands there is none, cannot be read, or is not the one that the data was written with: a
 * product that starts with another one could read nothing, and would write what nobody can read later. Nothing was changed then.
 */
export async function unlock(store: Store, config: Config, now: () => number): Promise<Unlocked> {
  const { dataFolder, masterKey: given, masterKeyBefore, cluster } = config;
  const file = join(dataFolder, CURRENT.file);
  const somebody = (await store.find({ kind: 'user', index: 'byAge', where: [], limit: 1 })).items[0];
  if (somebody !== undefined && given === undefined && masterKeyBefore === undefined && !existsSync(file) && !existsSync(join(dataFolder, BEFORE.file))) {
    throw new CannotStart(undefined, `The file ${file} is missing, and nothing in this folder can be read without it. Put it back, or give the key with GORUNCHAT_MASTER_KEY.`);
  }
  const masters = mastersOf(config);
  const keys = openKeys(store, masters);
  const world: InstancesWorld = { store, masters, now, instance: cluster === undefined ? 'only' : newId() };
  const instances = cluster === undefined ? onlyInstance(world) : sharedInstances(world);
  await instances.enter(async (kept) => {
    await checkMasters(store, masters, kept).catch((error: unknown) => { throw error instanceof Failure ? new CannotStart(error) : error; });
    const own = somebody === undefined ? undefined : await keys.of(personKey(somebody.id as UserId)).catch((error: unknown) => { throw new CannotStart(error, `The master key is not the one that the data in ${dataFolder} was written with. Put that one back.`); });
    if (somebody !== undefined && own === undefined) throw new CannotStart(undefined, `The wrapped keys are missing (${cluster === undefined ? join(dataFolder, 'keys.db') : 'the collection key'}): nothing that people wrote can be read without them. Put them back, or restore a backup with its keys. What is on record can still be verified.`);
  });
  return { ...world, instances, keys };
}

function mastersOf(config: Config): MasterKeys {
  try {
    return givenMasterKeys(config.dataFolder, config);
  } catch (error) {
    return CannotStart.because(error);
  }
}
