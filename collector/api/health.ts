/** GET /healthz: the process answers. GET /readyz: telemetry can be taken, and how fresh the figures are. */
import type { RequestHandler } from 'express';
import type { ReadContext } from '../query/spend.ts';
import { readFreshness } from '../query/status.ts';

export interface Readiness {
  /** Are the listeners up and is the ledger writable? */
  readonly ready: boolean;
  /** One sentence: what is missing, or that nothing is. */
  readonly detail: string;
}
export type ReadinessCheck = () => Readiness | Promise<Readiness>;

export const alive: RequestHandler = (_request, response) => {
  response.json({ status: 'ok' });
};

export const ready =
  ({ reader, now }: ReadContext, ask: ReadinessCheck): RequestHandler =>
  async (_request, response) => {
    const { ready: isReady, detail } = await ask();
    const freshness = await readFreshness(reader, now());
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', detail, ...freshness });
  };
