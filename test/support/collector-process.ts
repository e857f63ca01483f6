/** A real collector in a process of its own, so that a test can kill it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CollectorPorts } from '../../collector/app/collector.ts';

const CHILD = fileURLToPath(new URL('collector-child.ts', import.meta.url));

export interface CollectorProcess {
  readonly ports: CollectorPorts;
  readonly child: ChildProcess;
  /** SIGKILL, and the exit seen. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

/** Starts on free ports with this data folder; `config` is merged over the defaults. Rejects with the child's words when it does not come up. */
export async function spawnCollector(data: string, config: object = {}): Promise<CollectorProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, data, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // 'close' comes after the last of its words, 'exit' may come before.
  const exited = once(child, 'close');
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const firstLine = once(createInterface({ input: child.stdout }), 'line');
  const line = await Promise.race([firstLine.then(([text]) => String(text)), exited.then(() => undefined)]);
  if (line === undefined) throw new Error(`the collector did not start:\n${words}`);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await exited;
  };
  return {
    ports: JSON.parse(line) as CollectorPorts,
    child,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      return child.exitCode;
    },
  };
}
