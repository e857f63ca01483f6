/** Sends requests to a collector over OTLP/HTTP, an export at a time, and adds up what became of them. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ImportAnswer, importAnswerOf } from '../../catalog/imported.ts';
import { ROUTES } from '../../catalog/names.ts';
import { LedgerlineError } from '../../core/error.ts';
import { formatUsd, parseUsd } from '../../core/money.ts';
import type { CollectedRequest } from './collect.ts';
import { textIn } from './json.ts';
import { exportOf, type WireOptions } from './wire.ts';

export interface Destination {
  /** Base of the OTLP/HTTP receiver: "http://127.0.0.1:4318". */
  readonly url: string;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Small enough for every limit of a collector. */
const REQUESTS_PER_EXPORT = 500;
const ATTEMPTS = 8;
/** Where nothing has responded yet, the address is more likely wrong than the collector away for a moment. */
const FIRST_ATTEMPTS = 3;
const WAIT_MS_MAX = 30_000;
const ANSWER_MS = 120_000;

export const NOTHING_SENT: ImportAnswer = {
  ...{ requests: 0, cost: '0', known: 0, covered: 0, covered_cost: '0', booked: 0, booked_cost: '0' },
  ...{ conflicts: 0, expired: 0, rejected: 0, unpriced: {} },
};

/** After each export that was answered, `answered` is awaited with what it held and what has become of all so far. */
export async function sendRequests(
  requests: readonly CollectedRequest[],
  to: Destination,
  options: WireOptions,
  answered: (sent: readonly CollectedRequest[], total: ImportAnswer) => Promise<void>,
): Promise<ImportAnswer> {
  let total = NOTHING_SENT;
  for (let at = 0; at < requests.length && to.signal?.aborted !== true; at += REQUESTS_PER_EXPORT) {
    const part = requests.slice(at, at + REQUESTS_PER_EXPORT);
    total = added(total, await sendOne(JSON.stringify(exportOf(part, options)), to, at === 0));
    await answered(part, total);
  }
  return total;
}

async function sendOne(body: string, to: Destination, isFirst: boolean): Promise<ImportAnswer> {
  let attempts = isFirst ? FIRST_ATTEMPTS : ATTEMPTS;
  for (let attempt = 1; ; attempt++) {
    const outcome = await post(body, to);
    if ('answer' in outcome) return outcome.answer;
    if (outcome.isSilent !== true) attempts = ATTEMPTS;
    if (outcome.waitMs === undefined || attempt >= attempts || to.signal?.aborted === true) throw outcome.error;
    await wait(Math.min(outcome.waitMs * 2 ** (attempt - 1), WAIT_MS_MAX), undefined, { ...(to.signal && { signal: to.signal }) }).catch(
      () => undefined,
    );
  }
}

/** `waitMs`: it may be tried again then. `isSilent`: nothing responded. */
type Posted = { readonly answer: ImportAnswer } | { readonly error: LedgerlineError; readonly waitMs?: number; readonly isSilent?: boolean };

async function post(body: string, { url, token }: Destination): Promise<Posted> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  try {
    const target = `${url.replace(/\/+$/, '')}${ROUTES.logs}`;
    // What was handed over is waited for, also once the user has interrupted: then it is known what became of it.
    const response = await fetch(target, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    if (response.ok) return readAnswer(text, url);
    const error = refused(url, response.status, text);
    const isBusy = response.status === 429 || response.status >= 500;
    return isBusy ? { error, waitMs: Number(response.headers.get('retry-after') ?? 1) * 1_000 || 1_000 } : { error };
  } catch (cause) {
    const hint = 'Is it the address for telemetry (OTLP over HTTP, port 4318 by default)? Name it with --url.';
    const error = new LedgerlineError('unavailable', `Nothing that takes telemetry responds at ${url}.`, { cause, hint });
    return { error, waitMs: 500, isSilent: true };
  }
}

function readAnswer(text: string, url: string): Posted {
  const message = textIn(parse(text), 'partialSuccess', 'errorMessage') ?? '';
  const read = importAnswerOf(message);
  if (read !== undefined) return { answer: read.answer };
  return {
    error: new LedgerlineError(
      'unsupported',
      message === '' ? `${url} takes telemetry, but knows no imports.` : `${url} refused the import: ${message}`,
      {
        hint: 'Send it to a collector of Ledgerline itself, of this version or a later one, and to no collector between.',
      },
    ),
  };
}

function refused(url: string, status: number, text: string): LedgerlineError {
  const message = textIn(parse(text), 'message') ?? '';
  if (status === 401 || status === 403)
    return new LedgerlineError('unauthenticated', `${url} refused the token. ${message}`.trim(), {
      hint: 'Name a file with the token that the client sends its telemetry with: --token-file.',
    });
  return new LedgerlineError('unavailable', `${url} answered ${status}. ${message}`.trim(), {
    hint: 'What was sent so far is kept. Start the import again: it goes on from there.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function added(one: ImportAnswer, other: ImportAnswer): ImportAnswer {
  const unpriced: Record<string, number> = { ...one.unpriced };
  for (const [model, tokens] of Object.entries(other.unpriced)) unpriced[model] = (unpriced[model] ?? 0) + tokens;
  return {
    requests: one.requests + other.requests,
    cost: sum(one.cost, other.cost),
    known: one.known + other.known,
    covered: one.covered + other.covered,
    covered_cost: sum(one.covered_cost, other.covered_cost),
    booked: one.booked + other.booked,
    booked_cost: sum(one.booked_cost, other.booked_cost),
    conflicts: one.conflicts + other.conflicts,
    expired: one.expired + other.expired,
    rejected: one.rejected + other.rejected,
    unpriced,
  };
}

const sum = (one: string, other: string): string => formatUsd((parseUsd(one) ?? 0n) + (parseUsd(other) ?? 0n));
