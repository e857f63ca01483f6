/** In front of an API: passes everything on, but holds back the answers that a test names until it lets them go, in its order. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowProxy {
  readonly url: string;
  /** Answers to addresses that contain the text wait from now on. */
  hold(text: string): void;
  /** How many answers wait. */
  waiting(text: string): number;
  /** Lets go of those that wait, and of what comes later. */
  release(text: string): void;
  stop(): Promise<void>;
}

export async function startSlowProxy(target: string): Promise<SlowProxy> {
  const held = new Map<string, (() => void)[]>();
  const server = createServer((asked, answer) => {
    const pass = (): void => {
      const { hostname, port } = new URL(target);
      const headers = { ...asked.headers, host: `${hostname}:${port}` };
      const passed = request({ hostname, port, path: asked.url, method: asked.method, headers }, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    };
    const queue = [...held].find(([text]) => asked.url?.includes(text) === true)?.[1];
    if (queue === undefined) pass();
    else queue.push(pass);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast: a server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    hold: (text) => void held.set(text, []),
    waiting: (text) => held.get(text)?.length ?? 0,
    release: (text) => {
      const queue = held.get(text) ?? [];
      held.delete(text);
      for (const pass of queue) pass();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
