import { nameIn } from '../../contracts/proofs/cosignature.ts';
import type { Config } from '../config.ts';
import { newId } from '../ids.ts';
import { openSealedLog, type SealedLog } from './sealed-log.ts';
import { openWitness, type Witness, type WitnessWorld } from './witness.ts';
import { startWitnessing, type WitnessState } from './witnessing.ts';

/** The log for whoever wants it proved, who cosigns it, and what is cosigned here for others. */
export interface Proofs {
  readonly log: SealedLog;
  witnesses(): Promise<WitnessState[]>;
  readonly witness: Witness | undefined;
  close(): Promise<unknown>;
}

/** How a witness stands, as this instance has seen it last. */
interface Reading {
  readonly witness: string;
  readonly behind: number;
  readonly fails: boolean;
  readonly refuses: boolean;
}

interface ProofsWorld extends Omit<WitnessWorld, 'warn'> {
  /** Is told once where the numbers are read. */
  readonly reads: (read: () => Reading[]) => void;
  readonly warn: (error: unknown, what: string) => void;
}

/** Opens the log, and has it cosigned by whoever is named for that, none of whom waits for another. */
export async function startProofs({ witness, witnesses, witnessEveryMs: everyMs }: Pick<Config, 'witness' | 'witnesses' | 'witnessEveryMs'>, { reads, warn, ...world }: ProofsWorld): Promise<Proofs> {
  const { store, now } = world;
  const log = openSealedLog(store);
  const own = witness && (await openWitness({ ...world, warn: (error) => warn(error, 'a log that is cosigned here was refused') }, witness));
  const asking = witnesses.map((one) => startWitnessing({ store, log, now, everyMs, witness: one, instance: newId(), warn: (error) => warn(error, `the log could not be cosigned by ${nameIn(one.key)}; it is tried again`) }));
  reads(() => asking.map((one) => one.seen()).map(({ name, size, of, state }) => ({ witness: name, behind: Math.max(0, of - size), fails: state === 'failing', refuses: state === 'refused' })));
  return { log, witness: own, witnesses: () => Promise.all(asking.map((one) => one.state())), close: () => Promise.all(asking.map((one) => one.close())) };
}
