/** POST /api/v1/closed-months: a month whose figures do not move any more. With an admin token, or from this machine. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { ClosedMonth } from '../ledger/closed-months.ts';
import { instantSchema } from '../query/answer-schemas.ts';
import { readParameters } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { asObject, readJson } from './json-body.ts';

export type CloseMonth = (month: string) => Promise<ClosedMonth>;

export const closedMonthSchema = z
  .object({ month: z.string(), from: instantSchema, to: instantSchema, closed_at: instantSchema.describe('Also of one that was closed before.') })
  .meta({ id: 'ClosedMonth' });

interface ClosingContext {
  readonly config: Config;
  readonly authenticate?: Authenticator;
  readonly closeMonth?: CloseMonth | undefined;
}

const EXAMPLE = '{"month": "2026-10"}';

export const closingMonths =
  ({ config, authenticate, closeMonth }: ClosingContext): RequestHandler =>
  async (request, response) => {
    readParameters(request.originalUrl, []);
    writerOf(request, config, authenticate, 'Closing months');
    const { month, ...others } = asObject(await readJson(request), EXAMPLE);
    if (typeof month !== 'string' || Object.keys(others).length > 0)
      throw new LedgerlineError('invalid', 'month must be a month, and the only key.', { hint: `Example: ${EXAMPLE}.` });
    if (closeMonth === undefined) throw new LedgerlineError('unsupported', 'This collector cannot close months.');
    const { fromMs, toMs, closedMs, month: closed } = await closeMonth(month);
    response.json({ month: closed, from: renderInstant(fromMs), to: renderInstant(toMs), closed_at: renderInstant(closedMs) });
  };
