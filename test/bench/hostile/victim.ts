/** The collector that is attacked, as the bench holds it: started on a folder, measured from outside, started again when it ended. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CollectorPorts } from '../../../collector/app/collector.ts';
import { Child } from './child.ts';
import type { FromCollector, Memory, ToCollector } from './collector-child.ts';

/** Longer than it waits for those that it answers. */
const STOP_MS = 45_000;

export class Victim {
  readonly #config: object;
  readonly #profiling: readonly string[];
  #child: Child<ToCollector, FromCollector>;
  #ports: CollectorPorts | undefined;

  /** `profile`: folder for CPU profiles of all its threads. */
  constructor(config: object, profile?: string) {
    this.#config = config;
    this.#profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    this.#child = newChild(this.#profiling);
  }

  get ports(): CollectorPorts {
    if (this.#ports === undefined) throw new Error('The collector was not started.');
    return this.#ports;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The end of its log. */
  get said(): string {
    return this.#child.said;
  }

  async start(): Promise<void> {
    if (this.#child.isOver) this.#child = newChild(this.#profiling);
    const answer = await this.#child.ask({ start: this.#config });
    if (!('ports' in answer)) throw new Error(`The collector did not start: ${'failed' in answer ? answer.failed : 'it spoke out of turn'}`);
    this.#ports = answer.ports;
  }

  get isOver(): boolean {
    return this.#child.isOver;
  }

  /** How it ended; undefined while it runs. */
  async endedAs(): Promise<string | undefined> {
    return this.#child.isOver ? this.#child.ended : undefined;
  }

  get ended(): Promise<string> {
    return this.#child.ended;
  }

  /** What it holds after its garbage was collected. */
  async memory(): Promise<Memory> {
    const answer = await this.#child.ask('collect');
    if ('memory' in answer) return answer.memory;
    throw new Error('The collector spoke out of turn.');
  }

  /** From now on the peak is counted anew. Only Linux can. */
  forgetPeak(): void {
    if (process.platform === 'linux') writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
  }

  /** The most memory it had since `forgetPeak`, in bytes; undefined where the system does not say, or when it is gone. */
  get peakBytes(): number | undefined {
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? [];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Resolves to how it ended: "0" when it stopped as it should, "SIGKILL" when it did not in time. */
  async stop(): Promise<string> {
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const how = await this.#child.ended;
    clearTimeout(force);
    return how;
  }
}

const newChild = (more: readonly string[]): Child<ToCollector, FromCollector> => new Child('./collector-child.ts', ['--expose-gc', ...more]);
