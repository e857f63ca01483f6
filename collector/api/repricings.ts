/** /api/v1/repricings: POST begins one, GET says how far it is and what was applied, DELETE breaks it off. For admins, or from this machine. */
import { type RequestHandler, Router } from 'express';
import { ROUTES } from '../catalog/names.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { readParameters } from '../query/parameters.ts';
import { type RepricingRequest, type RepricingState, readRepricing, renderRepricings } from '../query/repricing-answers.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { readJson } from './json-body.ts';

export interface RepricingControl {
  start(request: RepricingRequest): Promise<RepricingState>;
  state(): Promise<RepricingState | null>;
  cancel(): Promise<RepricingState | null>;
}

interface RepricingContext {
  readonly config: Config;
  readonly authenticate?: Authenticator;
  readonly reader: Pick<LedgerSnapshot, 'repricings'>;
  readonly now: () => number;
  /** Omitted: this API cannot reprice. */
  readonly repricing?: RepricingControl | undefined;
}

export function repricings({ config, authenticate, reader, now, repricing }: RepricingContext): Router {
  const router = Router();
  const allowed: RequestHandler = (request, response, next) => {
    readParameters(request.originalUrl, []);
    response.locals.who = writerOf(request, config, authenticate, 'Repricing');
    next();
  };
  const answer = async (state: RepricingState | null) => renderRepricings(state, await reader.repricings());
  const control = (): RepricingControl => {
    if (repricing !== undefined) return repricing;
    throw new LedgerlineError('unsupported', 'This collector cannot reprice.');
  };
  router.get(ROUTES.repricings, allowed, async (_request, response) => void response.json(await answer((await repricing?.state()) ?? null)));
  router.post(ROUTES.repricings, allowed, async (request, response) => {
    const asked = readRepricing(await readJson(request), ledgerCalendar(config), now());
    const state = await control().start({ ...asked, who: String(response.locals.who) });
    response.status(202).json(await answer(state));
  });
  router.delete(ROUTES.repricings, allowed, async (_request, response) => void response.json(await answer(await control().cancel())));
  return router;
}
