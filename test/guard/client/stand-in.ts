/** Answers in the collector's place, as a test wants it to: also late, wrongly or not at all. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The response waits for StandIn.release(). */
  readonly held?: boolean;
}

export const ALLOW: Reply = { body: '{}' };
export const STOP: Reply = { body: '{"continue":false,"stopReason":"Budget \\"team\\" is used up: 10.00 of 10.00 USD."}' };
export const BLOCK: Reply = { body: '{"decision":"block","reason":"Budget \\"team\\" is used up."}' };
export const WARN: Reply = { body: '{"systemMessage":"80 % of budget \\"team\\" is spent."}' };

export interface StandIn {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** To all, or by the path that is asked for. */
  reply: Reply | ((path: string) => Reply);
  release(): void;
  stop(): Promise<void>;
}

export async function standIn(): Promise<StandIn> {
  const requests: IncomingMessage[] = [];
  const held: (() => void)[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request);
    const { reply } = own;
    const { status = 200, body = '', headers = {}, held: waits = false } = typeof reply === 'function' ? reply(request.url ?? '') : reply;
    const send = (): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'private, max-age=120', ...headers }).end(body);
    };
    if (waits) held.push(send);
    else send();
  };
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  const own: StandIn = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    reply: ALLOW,
    release: () => {
      for (const send of held.splice(0)) send();
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return own;
}
