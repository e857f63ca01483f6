/** What the kernel says of processes: CPU and memory, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningPostgres } from '../support/postgres-server.ts';

const US_OF_A_TICK = 10_000;

interface Times {
  readonly parent: number;
  /** User and system, in microseconds. */
  readonly us: number;
  /** Of children that have ended. */
  readonly endedUs: number;
}

function timesOf(pid: number): Times | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [fields[1], fields[11], fields[12], fields[13], fields[14]];
    return { parent, us: (user + system) * US_OF_A_TICK, endedUs: (endedUser + endedSystem) * US_OF_A_TICK };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** Of all its threads, in microseconds. */
export const cpuUsOf = (pid: number): number => timesOf(pid)?.us ?? 0;

const mainOf = (running: RunningPostgres): number => Number(readFileSync(join(running.folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);

function processesOf(running: RunningPostgres): number[] {
  const main = mainOf(running);
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [main, ...all.map(Number).filter((pid) => pid !== main && timesOf(pid)?.parent === main)];
}

/** User and system time of the server's processes, those that have ended among them, in microseconds. */
export function databaseCpuUs(running: RunningPostgres): number {
  const processes = processesOf(running).reduce((sum, pid) => sum + cpuUsOf(pid), 0);
  return processes + (timesOf(mainOf(running))?.endedUs ?? 0);
}

/** What would be free without it: of pages that several share, a part. */
export function memoryOf(pid: number): number {
  try {
    return Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended meanwhile.
  }
}

export const databaseMemory = (running: RunningPostgres): number => processesOf(running).reduce((sum, pid) => sum + memoryOf(pid), 0);
