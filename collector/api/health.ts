/** GET /healthz: the process answers. GET /readyz: telemetry can be taken, and how fresh the figures are. */
import { setTimeout as delay } from 'node:timers/promises';
import express, { type Express, type RequestHandler } from 'express';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import { standbyBehind } from '../query/standby.ts';
import { readFreshness } from '../query/status.ts';
import { headers, neverCached, onlyReading } from './access.ts';
import { noSuchRoute, problemHandler } from './problem.ts';

export interface Readiness {
  /** Are the listeners up and is the ledger writable? */
  readonly ready: boolean;
  /** One sentence: what is missing, or that nothing is. */
  readonly detail: string;
}
export type ReadinessCheck = () => Readiness | Promise<Readiness>;

export interface HealthOptions {
  readonly reader: Pick<LedgerReader, 'status'>;
  /** Where boards read, if it may be behind `reader`. */
  readonly standby?: Pick<LedgerReader, 'status'> | undefined;
  readonly readiness: ReadinessCheck;
  readonly now: () => number;
  readonly log: Log;
  /** After so long without an answer of `readiness`, the collector is not ready. Default: READINESS_MS. */
  readonly readinessMs?: number;
}

const READINESS_MS = 5_000;

/** Needs nothing but what it is handed, so that nothing a reader asks delays it. */
export function createHealth(options: HealthOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(headers(), onlyReading);
  app.get(ROUTES.alive, alive);
  app.get(ROUTES.ready, neverCached, ready(options));
  app.use(noSuchRoute([ROUTES.alive, ROUTES.ready]));
  app.use(problemHandler(options.log));
  return app;
}

const alive: RequestHandler = (_request, response) => {
  response.json({ status: 'ok' });
};

const ready =
  ({ reader, standby, readiness, now, readinessMs = READINESS_MS }: HealthOptions): RequestHandler =>
  async (_request, response) => {
    const { ready: isReady, detail } = await Promise.race([readiness(), silence(readinessMs)]);
    const freshness = await readFreshness(reader, now());
    const behind = standby && { standby_behind_seconds: await standbyBehind(reader, standby) };
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', detail, ...freshness, ...behind });
  };

const silence = (ms: number): Promise<Readiness> =>
  delay(ms, { ready: false, detail: `The receivers have not answered for ${ms / 1000} s.` }, { ref: false });
