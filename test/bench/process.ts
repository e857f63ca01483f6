/** Starts the server and the load generator as processes, and ends whatever is left of them when the bench ends. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AskOrder, AskResult } from './askers.ts';
import type { FromClients, IdleOrder, ToClients } from './idle-clients.ts';
import type { FromLoad, LoadOrder, LoadResult } from './load.ts';
import type { FromServer, LoopDelay, Mode, ServerPorts, ServerUsage, ToServer } from './server.ts';
import type { FeedOrder } from './soak/feeder.ts';

const running = new Set<ChildProcess>();

function start(name: 'server' | 'load' | 'askers' | 'idle-clients' | 'soak/feeder', execArgv: readonly string[] = []): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Only what was started here. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function ask<Answer>(child: ChildProcess, question: ToServer | LoadOrder | AskOrder | ToClients | FeedOrder): Promise<Answer> {
  const failed = new AbortController();
  const ended = once(child, 'exit', { signal: failed.signal }).then(([code, signal]) => {
    throw new Error(`A process of the bench ended (${signal ?? code}) instead of answering.`);
  });
  ended.catch(() => undefined);
  child.send(question);
  try {
    const [answer] = (await Promise.race([once(child, 'message'), ended])) as [Answer];
    return answer;
  } finally {
    failed.abort();
  }
}

export interface Server {
  readonly mode: Mode;
  readonly pid: number;
  readonly ports: ServerPorts;
  usage(): Promise<ServerUsage>;
  loopDelay(): Promise<LoopDelay>;
  /** Resolves when the process has ended by itself. */
  stop(): Promise<void>;
}

/** `profile`: folder for CPU profiles of all its threads. */
export async function startServer(mode: Mode, data: string, profile?: string, config?: object): Promise<Server> {
  const child = start('server', profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]);
  const answer = await ask<FromServer>(child, { start: { mode, data, config } });
  if (!('ports' in answer)) throw new Error(`The server did not start: ${'failed' in answer ? answer.failed : 'it spoke out of turn'}`);
  return {
    mode,
    pid: child.pid ?? 0,
    ports: answer.ports,
    async usage() {
      const reported = await ask<FromServer>(child, 'usage');
      if ('usage' in reported) return reported.usage;
      throw new Error('The server spoke out of turn.');
    },
    async loopDelay() {
      const reported = await ask<FromServer>(child, 'loop delay');
      if ('loopDelay' in reported) return reported.loopDelay;
      throw new Error('The server spoke out of turn.');
    },
    async stop() {
      const exited = once(child, 'exit');
      child.send('stop' satisfies ToServer);
      await exited;
    },
  };
}

export interface Askers {
  ask(order: AskOrder): Promise<AskResult>;
}

/** They end with the bench. */
export function startAskers(): Askers {
  const child = start('askers');
  return { ask: (order) => ask<AskResult>(child, order) };
}

export interface IdleClients {
  /** Both resolve to how many connections are open. */
  open(order: IdleOrder): Promise<number>;
  count(): Promise<number>;
  close(): void;
}

export function startIdleClients(): IdleClients {
  const child = start('idle-clients');
  const put = async (question: ToClients): Promise<number> => {
    const answer = await ask<FromClients>(child, question);
    if ('open' in answer) return answer.open;
    throw new Error(`Clients could not connect: ${answer.failed}`);
  };
  return { open: (order) => put({ open: order }), count: () => put('count'), close: () => void child.kill('SIGKILL') };
}

export interface Load {
  run(order: LoadOrder): Promise<LoadResult>;
  close(): void;
}

/** What a load may take beyond its time: to read its bodies, to connect, to wait for the last answers. */
const LOAD_SLACK_MS = 60_000;

export function startLoad(slackMs = LOAD_SLACK_MS): Load {
  const child = start('load');
  return {
    async run(order) {
      const answer = await within(order.warmMs + order.measureMs + slackMs, ask<FromLoad>(child, order));
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

async function within(limitMs: number, answering: Promise<FromLoad>): Promise<FromLoad> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Some exports were not answered within ${Math.round(limitMs / 1000)} s.`)), limitMs);
  try {
    return await Promise.race([answering, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** A fresh process for each run, so that one run's garbage is not collected in the next. */
export async function runLoad(order: LoadOrder, slackMs?: number): Promise<LoadResult> {
  const load = startLoad(slackMs);
  try {
    return await load.run(order);
  } finally {
    load.close();
  }
}

export interface Feeder {
  /** Resolves to files, in the order in which they are to be sent. */
  write(order: FeedOrder): Promise<readonly string[]>;
}

/** It ends with the bench. */
export function startFeeder(): Feeder {
  const child = start('soak/feeder');
  return { write: (order) => ask<readonly string[]>(child, order) };
}
