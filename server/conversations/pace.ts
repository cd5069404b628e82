/** Steps begin at least this far apart: one commit for all conversations costs little more than one for a single one. */
const CLOSEST_MS = 2;
/** As far apart as steps ever begin, so that 99 of 100 tokens of a busy process are still shown within 50 ms: its text moves on 25 times a second. */
const WIDEST_MS = 40;
/** A thread that is busy for less of its time than this has nothing to save; from the second share on it saves what it can. */
const IDLE_SHARE = 0.05;
const BUSY_SHARE = 0.2;
const SAMPLE_MS = 100;

/** Says which share of its time the thread was busy lately, from 0 to 1. */
export type Load = () => number;

/** The load of this thread, over about the last two tenths of a second. Cheap enough to ask at every step. */
export function threadLoad(): Load {
  let before = performance.eventLoopUtilization();
  let share = 0;
  return () => {
    const { active, idle, utilization } = performance.eventLoopUtilization(before);
    if (active + idle < SAMPLE_MS) return share;
    before = performance.eventLoopUtilization();
    share = (share + utilization) / 2;
    return share;
  };
}

/** Milliseconds between the beginnings of two steps: the busier the thread, the more text shares a step, and so a seal, a commit and a frame to each tab. */
export function apartMs(share: number): number {
  const part = Math.min(1, Math.max(0, (share - IDLE_SHARE) / (BUSY_SHARE - IDLE_SHARE)));
  return CLOSEST_MS + part * (WIDEST_MS - CLOSEST_MS);
}
