import type { Bus } from '../bus/bus.ts';
import type { Store } from '../store/store.ts';

/** A store that takes longer for one small read is of no use to anybody. */
const ANSWERS_WITHIN_MS = 2_000;

/** Whether a balancer should send people here. */
export interface Health {
  /** Why not, in words for whoever runs the product; empty when all is well. Nothing secret, and nothing of anybody's, is in them. */
  problems(): Promise<readonly string[]>;
  /** From now on people should go elsewhere. */
  leave(): void;
}

/** The health of an instance: whether its store and its bus answer within `withinMs`. */
export function openHealth(store: Pick<Store, 'get'>, bus: Pick<Bus, 'isAway'>, withinMs = ANSWERS_WITHIN_MS): Health {
  let isLeaving = false;
  let reading: Promise<boolean> | undefined;
  /** One read at a time, however many ask: a store that hangs is not asked again until it has answered. */
  const read = (): Promise<boolean> =>
    (reading ??= store.get('user', 'nobody').then(() => true, () => false).finally(() => (reading = undefined)));
  return {
    async problems() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), withinMs)));
      const answers = await Promise.race([read(), late]);
      clearTimeout(timer);
      return [...(isLeaving ? ['The server is leaving.'] : []), ...(answers ? [] : ['The store does not answer.']), ...(bus.isAway ? ['The bus is away.'] : [])];
    },
    leave: () => void (isLeaving = true),
  };
}
