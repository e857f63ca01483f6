/** A real API on a free port over a real embedded ledger. */
import { dirname, join } from 'node:path';
import type { Express } from 'express';
import { type ApiOptions, createApi } from '../../collector/api/api.ts';
import { createFront } from '../../collector/api/front/front.ts';
import { createGuard } from '../../collector/api/front/guard.ts';
import type { ReadLimitName } from '../../collector/api/front/read-limit.ts';
import { createHealth, type HealthOptions } from '../../collector/api/health.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { listenHttp } from '../../collector/server/http-server.ts';
import { listenOnSocket, makePrivateSockets } from '../../collector/server/private-sockets.ts';
import { createReaderGate } from '../../collector/server/reader-gate.ts';
import { WrongTokens } from '../../collector/server/wrong-tokens.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

/** Reading the files takes longer than most questions. */
const PRICES = loadPriceBook();

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface TestApi {
  readonly url: string;
  readonly app: Express;
  readonly ledger: TestLedger;
  readonly options: ApiOptions;
  readonly limitsHit: readonly ReadLimitName[];
  append(entries: readonly Entry[]): Promise<void>;
  /** The cast names what the test expects; the assertions then hold it to that. */
  get<Body = Record<string, unknown>>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  stop(): Promise<void>;
}

export interface TestApiOptions
  extends Partial<
      Pick<
        ApiOptions,
        | 'authenticate'
        | 'refused'
        | 'log'
        | 'selfText'
        | 'refusals'
        | 'demo'
        | 'erase'
        | 'statements'
        | 'adjust'
        | 'closeMonth'
        | 'repricing'
        | 'signIn'
        | 'requestKey'
        | 'directoryStore'
        | 'directory'
        | 'now'
        | 'prices'
      >
    >,
    Partial<Pick<HealthOptions, 'readiness'>> {
  /** Merged over the defaults. */
  readonly config?: object;
  readonly nowMs?: number;
  /** As after a restart with another configuration: the budgets that were set over this one. */
  readonly budgetsBeside?: TestApi;
  /** Default: a free one. */
  readonly port?: number;
}

/** "GET /api/v1/spend" of every route; those of a router are named as within it. */
export const routesOf = ({ router }: Pick<Express, 'router'>): readonly string[] => routesIn(router.stack);

const routesIn = (stack: Express['router']['stack']): string[] =>
  stack.flatMap(({ route, handle }) => {
    if (route !== undefined) return methodsOf(route).flatMap((method) => [route.path].flat().map((path) => `${method} ${path}`));
    return 'stack' in handle && Array.isArray(handle.stack) ? routesIn(handle.stack) : [];
  });

const methodsOf = (route: object): string[] =>
  'methods' in route && typeof route.methods === 'object' ? Object.keys(route.methods ?? {}).map((method) => method.toUpperCase()) : [];

export const jsonBody = <Body>(text: string): Body => (text.startsWith('{') ? JSON.parse(text) : {}) as Body;

export async function startApi({ config: given = {}, nowMs = Date.now(), port = 0, budgetsBeside, ...rest }: TestApiOptions = {}): Promise<TestApi> {
  const config: Config = configSchema.parse(given);
  const ledger = await openTestLedger({ timeZone: config.timezone, weekStart: config.week_start });
  const readiness = () => ({ ready: true, detail: 'All ports are open and the ledger is writable.' });
  const selfText = async () => '';
  const budgets = openBudgetStore(join(dirname((budgetsBeside?.ledger ?? ledger).file), 'budgets.sqlite'));
  const alerts = openAlertStore(join(dirname(ledger.file), 'budgets.sqlite'));
  const { reader } = ledger;
  const options = {
    reader,
    config,
    prices: PRICES,
    budgets,
    alerts,
    now: () => nowMs,
    readiness,
    selfText,
    refusals: async () => [],
    log: () => undefined,
    ...rest,
  };
  // As in a collector, with both ends on one thread.
  const sockets = await makePrivateSockets([]);
  const app = createApi(options);
  const behind = await listenOnSocket(app, sockets.pathOf('api'));
  const limitHit = (limit: ReadLimitName) => void limitsHit.push(limit);
  const limitsHit: ReadLimitName[] = [];
  const { authenticate, refused = () => undefined } = rest;
  const gate = createReaderGate({
    ...{ hosts: config.server, isGuarded: () => authenticate?.isGuarded('read') === true, refused },
    wrongTokens: new WrongTokens({ now: () => nowMs }),
  });
  const front = createFront({
    ...{ limits: config.limits, guard: createGuard(gate, authenticate), health: createHealth(options), limitHit },
    socketPath: sockets.pathOf('api'),
  });
  const api = await listenHttp(front, { host: '127.0.0.1', port, key: 'server.api_port', flag: '--api-port' });
  const url = `http://127.0.0.1:${api.port}`;
  return {
    url,
    app,
    ledger,
    options,
    append: async (entries) => {
      await ledger.writer.append({ entries, receivedMs: nowMs });
    },
    get: async <Body>(path: string, headers: Record<string, string> = {}) => {
      // On a connection of its own: one that was kept may be closed just then, where the thread was busy for long.
      const response = await fetch(`${url}${path}`, { headers: { ...headers, connection: 'close' } });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: jsonBody<Body>(text) };
    },
    limitsHit,
    stop: async () => {
      await api.close();
      await behind.close();
      await sockets.remove();
      await budgets.close();
      await alerts.close();
      await ledger.destroy();
    },
  };
}

export interface Problem {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}
