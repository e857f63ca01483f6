/** What the kernel says of processes: CPU and memory, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningPostgres } from '../support/postgres-server.ts';
import type { ServerUsage } from './server.ts';

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

/** Of a process and all that descend from it. @throws where the process is not there, or belongs to somebody else. */
export function usageOfTree(pid: number): ServerUsage {
  const all = treeOf(pid);
  const sum = (of: (one: number) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    rssBytes: sum((one) => 1024 * fieldOf(`/proc/${one}/status`, /^VmRSS:\s+(\d+) kB/m, one === pid)),
    cpuSeconds: sum((one) => ((timesOf(one)?.us ?? 0) + (timesOf(one)?.endedUs ?? 0)) / 1e6),
    writtenBytes: sum((one) => fieldOf(`/proc/${one}/io`, /^write_bytes: (\d+)/m, one === pid)),
  };
}

/** A child may end meanwhile; what is asked about may not. */
function fieldOf(file: string, pattern: RegExp, isAsked: boolean): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (isAsked) throw error;
    return 0;
  }
}

function treeOf(pid: number): number[] {
  const parents = new Map(allPids().map((one) => [one, timesOf(one)?.parent]));
  const tree = [pid];
  for (const one of tree) for (const [child, parent] of parents) if (parent === one) tree.push(child);
  return tree;
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const mainOf = (running: RunningPostgres): number => Number(readFileSync(join(running.folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);

function processesOf(running: RunningPostgres): number[] {
  const main = mainOf(running);
  return [main, ...allPids().filter((pid) => pid !== main && timesOf(pid)?.parent === main)];
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
