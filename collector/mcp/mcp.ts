/** The ledger for models, by the Model Context Protocol: over HTTP, one exchange at a time, and over stdin and stdout. */
import type { Readable, Writable } from 'node:stream';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { createServer, type McpOptions } from './server.ts';

export type { McpOptions } from './server.ts';

/** Nothing here changes while a process runs, so nobody waits for news; a stream that stays open would take a place from others. */
const maxSubscriptions = 0;
/** Without signs of life, which nobody would see before the end. */
const WHOLE = { maxSubscriptions, keepAliveMs: 0 };

export interface McpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * One message over HTTP, answered as a whole, so that a limit on its time holds until all of it is there. Nothing is kept between two of them.
 * The body must be within bounds, and whoever sends it must have been let in. Work on the answer ends with `whileWanted` around it.
 */
export async function answerMcp(request: Request, options: McpOptions): Promise<McpAnswer> {
  const isBatch = (await request.clone().text()).trimStart().startsWith('[');
  const answer = isBatch ? refusedBatch() : await createMcpHandler(() => createServer(options), WHOLE).fetch(request);
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

/** One message of a batch is a question of its own, and only whole requests wait for their turn. */
const refusedBatch = (): Response =>
  Response.json(
    { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Batches are not supported: send one message at a time.' } },
    { status: 400 },
  );

/** Resolves when whoever wrote to `input` has ended it, or `output` is gone. Only messages of the protocol are written to `output`. */
export async function serveMcp(input: Readable, output: Writable, options: McpOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of ['end', 'close', 'error']) input.once(event, resolve);
  output.once('close', resolve);
  const serving = serveStdio(() => createServer(options), { transport: new StdioServerTransport(input, output), maxSubscriptions });
  await promise;
  await serving.close();
}
