/** A front over a reader that the test answers for, both with real sockets. */
import type { RequestListener, ServerResponse } from 'node:http';
import { createFront } from '../../../collector/api/front/front.ts';
import type { ReadLimitName } from '../../../collector/api/front/read-limit.ts';
import { createScrapes } from '../../../collector/api/front/scrapes.ts';
import type { ReadScope } from '../../../collector/catalog/read-scope.ts';
import { listenHttp } from '../../../collector/server/http-server.ts';
import { listenOnSocket, makePrivateSockets } from '../../../collector/server/private-sockets.ts';
import { waitFor } from '../../support/wait.ts';

export interface TestFront {
  readonly port: number;
  readonly limitsHit: readonly ReadLimitName[];
  stop(): Promise<void>;
}

export interface TestFrontOptions {
  readonly kind: 'api' | 'metrics';
  /** Answers in place of the reader; without it nobody listens there. */
  readonly reader?: RequestListener;
  readonly limits?: object;
  readonly stalledMs?: number;
  /** What those who scrape may see. Default: everything. */
  readonly scope?: ReadScope;
}

const LIMITS = { queries: 2, queries_waiting: 2, query_ms: 30_000, scrapes: 3 };
const health: RequestListener = (_request, response) => void response.end('alive');

export async function startFront({ kind, reader, limits: given = {}, scope = 'all', ...rest }: TestFrontOptions): Promise<TestFront> {
  const limits = { ...LIMITS, ...given };
  const limitsHit: ReadLimitName[] = [];
  const sockets = await makePrivateSockets([]);
  const behind = reader === undefined ? undefined : await listenOnSocket(reader, sockets.pathOf(kind));
  const options = { limits, socketPath: sockets.pathOf(kind), limitHit: (limit: ReadLimitName) => void limitsHit.push(limit), ...rest };
  const scrapes = createScrapes({ ...options, elapsedMs: () => 0 });
  const listener: RequestListener =
    kind === 'api' ? createFront({ ...options, guard: async () => undefined, health }) : (request, response) => scrapes(request, response, scope);
  const front = await listenHttp(listener, { host: '127.0.0.1', port: 0, key: 'server.api_port', flag: '--api-port' });
  return {
    port: front.port,
    limitsHit,
    stop: async () => {
      await front.close();
      await behind?.close();
      await sockets.remove();
    },
  };
}

/** A reader that answers when the test says so. */
export function patientReader() {
  const asked: { readonly path: string; readonly response: ServerResponse; isGone: boolean }[] = [];
  const reader: RequestListener = (request, response) => {
    const question = { path: request.url ?? '', response, isGone: false };
    response.once('close', () => {
      question.isGone = !response.writableFinished;
    });
    asked.push(question);
  };
  return { reader, asked, until: (count: number) => waitFor(`${count} requests`, () => asked.length === count) };
}
