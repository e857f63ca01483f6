/** The line of an export of the API's own spans: interpret, price, keep, answer. */
import type { Config } from '../../config/config.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { ApiRequest } from '../../ledger/api-requests.ts';
import type { LedgerWriter } from '../../ledger/ledger.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import type { Credentials } from '../../server/auth.ts';
import { createModelReader } from '../claude-code/model-names.ts';
import { refusalsOfRejections } from '../refusals/refusals-of.ts';
import type { Export, IngestOutcome } from '../telemetry.ts';
import { interpretApiSpans } from './interpret.ts';

export interface ApiSpansIngestOptions {
  readonly aliases: Config['models']['aliases'];
  readonly window: Config['ingest_window'];
  readonly prices: PriceBook;
  readonly ledger: Pick<LedgerWriter, 'appendApiRequests'>;
  readonly now: () => number;
}

/** Resolves when what was read is durable. */
export type IngestApiSpans = (received: Extract<Export, { signal: 'traces' }>, credentials: Credentials) => Promise<IngestOutcome>;

/** So many reasons are spelt out. */
const REASONS_SHOWN = 3;

export function createApiSpansIngest({ aliases, window, prices, ledger, now }: ApiSpansIngestOptions): IngestApiSpans {
  const readModel = createModelReader(aliases);
  const priced = (request: Omit<ApiRequest, 'listCost'>): ApiRequest => ({
    ...request,
    listCost: prices.listCost(request.model, request.tokens, request.timeMs),
  });
  return async ({ scopes, spans }, { organization, workspace }) => {
    const nowMs = now();
    const isBelievable = (timeMs: number): boolean => timeMs >= nowMs - window.back_days * DAY_MS && timeMs <= nowMs + window.ahead_days * DAY_MS;
    const { requests, rejections } = interpretApiSpans(scopes, { readModel, organization, workspace, isBelievable });
    if (requests.length > 0) await ledger.appendApiRequests(requests.map(priced));
    const message = [...new Set(rejections.map((rejection) => rejection.message))].slice(0, REASONS_SHOWN).join(' ');
    const outcome = { accepted: spans - rejections.length, rejected: rejections.length, message };
    return rejections.length === 0 ? outcome : { ...outcome, refusals: refusalsOfRejections(rejections) };
  };
}
