/** POST /api/v1/adjustments: history of an import. With an admin token, or from this machine. */
import type { RequestHandler } from 'express';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import { historyEntries, historyOutcome } from '../query/history-request.ts';
import { readParameters } from '../query/parameters.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { readJson } from './json-body.ts';

export type Adjust = (entries: readonly Entry[]) => Promise<AppendOutcome>;

interface HistoryContext {
  readonly config: Config;
  readonly authenticate?: Authenticator;
  /** Omitted: this API cannot book. */
  readonly adjust?: Adjust | undefined;
}

export function importingHistory({ config, authenticate, adjust }: HistoryContext): RequestHandler {
  const storedUser = loadStoredUser(config.attribution);
  return async (request, response) => {
    readParameters(request.originalUrl, []);
    writerOf(request, config, authenticate, 'Importing history');
    const entries = historyEntries(await readJson(request), storedUser);
    if (adjust === undefined) throw new LedgerlineError('unsupported', 'This collector cannot import history.');
    response.json(historyOutcome(await adjust(entries)));
  };
}
