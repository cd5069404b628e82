import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Milliseconds on a clock that all processes of this machine share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Seconds of processor time, user and system, that these processes have used; what is gone counts as nothing. */
export function coreSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ownTicks(fieldsOf(pid)), 0) / TICKS_PER_SECOND;
}

/** The same of a process and everything that it has started, also what has ended since. */
export function coreSecondsUnder(pids: readonly number[]): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/u.test(name)).map((name) => ({ pid: Number(name), fields: fieldsOf(Number(name)) }));
  const ticks = pids.reduce((sum, root) => {
    const fields = fieldsOf(root);
    const ended = Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
    return sum + ended + ownTicks(fields) + all.filter(({ fields: [, parent] }) => Number(parent) === root).reduce((of, child) => of + ownTicks(child.fields), 0);
  }, 0);
  return ticks / TICKS_PER_SECOND;
}

/** Everything behind the name in `/proc/PID/stat`: state, parent, …, user and system ticks at 11 and 12, those of ended children at 13 and 14. */
function fieldsOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // it has ended
  }
}

function ownTicks(fields: readonly string[]): number {
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** The process that listens at a port of this machine, found by its socket. */
export function pidListeningAt(port: number): number | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const inode = lines.map((line) => line.trim().split(/\s+/u)).find(([, local, , state]) => local?.endsWith(wanted) && state === '0A')?.[9];
  return inode === undefined ? undefined : pids().find((pid) => linksOf(pid).includes(`socket:[${inode}]`));
}

/** Those whose command line holds this. */
export function pidsOfCommand(part: string): number[] {
  return pids().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(part);
    } catch {
      return false; // it has ended
    }
  });
}

function pids(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/u.test(name)).map(Number);
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((file) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${file}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // not ours to look into, or gone
  }
}
