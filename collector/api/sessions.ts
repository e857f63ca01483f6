/** GET /api/v1/sessions and /api/v1/sessions/{id}. */
import type { RequestHandler } from 'express';
import { LedgerlineError } from '../core/error.ts';
import type { SessionOrder } from '../ledger/sessions.ts';
import { readCalendar, readCount, readParameters, readTimeRange, readWord, TIME_RANGE_PARAMETERS } from '../query/parameters.ts';
import { LIST_DEFAULT, LIST_MAX, listSessions, ORDERS, readSessionWhere, renderSession } from '../query/sessions.ts';
import type { AskingOf } from './questions.ts';

export const sessionById =
  (askingOf: AskingOf): RequestHandler<{ id: string }> =>
  async (request, response) => {
    const { reader } = askingOf(request, {});
    readParameters(request.originalUrl, []);
    const session = await reader.session(request.params.id);
    if (session === undefined) {
      throw new LedgerlineError('not_found', `No session ${request.params.id.slice(0, 80)} is in the ledger.`, {
        hint: 'The client sends its first data up to a minute after it starts; `ledgerline doctor` shows whether telemetry arrives. /api/v1/sessions lists the newest sessions.',
      });
    }
    const { asOfMs } = await reader.status();
    response.json(renderSession(session, asOfMs));
  };

/** The newest sessions with their cost; by `order` the most expensive or the longest. */
export const sessionList =
  (askingOf: AskingOf): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const { reader, config, now } = askingOf(request, {});
    const parameters = readParameters(request.originalUrl, ['limit', 'order', ...TIME_RANGE_PARAMETERS], ['where']);
    const timeRange = readTimeRange(parameters, readCalendar(parameters, config), now());
    const query = {
      ...timeRange,
      limit: readCount(parameters, 'limit', LIST_DEFAULT, LIST_MAX),
      order: readWord<SessionOrder>(parameters, 'order', ORDERS, 'last_seen'),
      where: readSessionWhere(parameters),
    };
    response.json(await listSessions(query, reader));
  };
