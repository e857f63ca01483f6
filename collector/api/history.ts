/** POST /api/v1/adjustments: history of an import. With an admin token, or from this machine. */
import type { RequestHandler } from 'express';
import { LedgerlineError } from '../core/error.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import { type DirectoryAtHand, directoryAtHand } from '../query/asked-user.ts';
import { historyEntries, historyOutcome } from '../query/history-request.ts';
import { readParameters } from '../query/parameters.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { readJson } from './json-body.ts';

export type Adjust = (entries: readonly Entry[]) => Promise<AppendOutcome>;

interface HistoryContext extends DirectoryAtHand {
  readonly authenticate?: Authenticator;
  /** Omitted: this API cannot book. */
  readonly adjust?: Adjust | undefined;
}

export function importingHistory({ config, directory, authenticate, adjust }: HistoryContext): RequestHandler {
  const storedUser = loadStoredUser(config.attribution);
  return async (request, response) => {
    readParameters(request.originalUrl, []);
    writerOf(request, config, authenticate, 'Importing history');
    const entries = historyEntries(await readJson(request), { storedUser, canonical: directoryAtHand({ config, directory }).canonical });
    if (adjust === undefined) throw new LedgerlineError('unsupported', 'This collector cannot import history.');
    response.json(historyOutcome(await adjust(entries)));
  };
}
