/** October of a small organization, with most causes in it: what telemetry has, and what the provider's analytics say. */
import { parseUsd } from '../../../collector/core/money.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event, metric, usd } from '../../support/entries.ts';
import type { LineOfDay } from '../../support/statements.ts';

export const OCTOBER_5 = Date.parse('2026-10-05T12:00:00Z');
const OCTOBER_6 = OCTOBER_5 + 86_400_000;
export const NOVEMBER_14 = OCTOBER_5 + 40 * 86_400_000;
const OPUS = 'claude-opus-5-5';

/** Opus 5.5: 4 USD for a million tokens of input, 20 for output. */
const request = (id: string, more: Partial<Parameters<typeof event>[0]> & { readonly list: string }): Entry => {
  const { list, ...rest } = more;
  const entry = event({ id, cost: list, model: OPUS, timeMs: OCTOBER_5, sessionId: `session of ${id}`, ...rest });
  const basis = rest.dimensions?.price_basis ?? 'list';
  return {
    ...entry,
    listCost: usd(list),
    dimensions: { ...entry.dimensions, workspace: 'api', provider: 'firstParty', ...rest.dimensions, price_basis: basis },
    amounts: { cost_contracted: Number(usd(list)), requests: 1, ...rest.amounts },
  };
};

/** Of Alice, on a day that no record of October is about. */
export const OF_NOVEMBER = request('e', { list: '6.00', timeMs: OCTOBER_5 + 28 * 86_400_000, amounts: { input_tokens: 1_500_000 } });

export const ENTRIES: readonly Entry[] = [
  // 1 M input and 0.1 M output tokens: 6 USD at list price.
  request('a', { list: '6.00', amounts: { input_tokens: 1_000_000, output_tokens: 100_000 } }),
  request('b', {
    ...{ list: '6.00', cost: '6.60', user: 'bob@example.com', timeMs: OCTOBER_6 },
    ...{ amounts: { input_tokens: 1_000_000, output_tokens: 100_000 }, dimensions: { price_basis: 'price_date' } },
  }),
  // An interrupted request, which only metrics report: 0.80 USD.
  metric({
    id: 'c',
    cost: '0.80',
    model: OPUS,
    timeMs: OCTOBER_5,
    sessionId: 'session of c',
    amounts: { input_tokens: 200_000 },
    dimensions: { workspace: 'api' },
  }),
  // Of a seat: notional.
  request('d', {
    ...{ list: '2.00', user: 'carol@example.com', amounts: { output_tokens: 100_000 } },
    dimensions: { plan: 'team', seat: 'premium' },
  }),
];

const line = (day: string, user: string, tokenClass: string, tokens: number, list: string, more: Partial<LineOfDay> = {}): LineOfDay => {
  const amount = parseUsd(list) ?? 0n;
  return {
    day,
    user,
    tokenClass,
    tokens,
    list: amount,
    billed: amount - amount / 20n,
    workspace: 'api',
    model: OPUS,
    product: 'claude_code',
    ...more,
  };
};

/** Five percent off; Dora has no telemetry. */
export const LINES: readonly LineOfDay[] = [
  line('2026-10-05', 'alice@example.com', 'uncached_input_tokens', 1_200_000, '4.80'),
  line('2026-10-05', 'alice@example.com', 'output_tokens', 100_000, '2.00'),
  line('2026-10-05', 'dora@example.com', 'output_tokens', 50_000, '1.00'),
  line('2026-10-06', 'bob@example.com', 'uncached_input_tokens', 1_000_000, '4.00'),
  line('2026-10-06', 'bob@example.com', 'output_tokens', 100_000, '2.00'),
  { day: '2026-10-06', workspace: 'api', costType: 'web_search', product: 'claude_code', billed: usd('0.30'), list: usd('0.30') },
  { day: '2026-10-06', model: 'claude-sonnet-5-5', product: 'chat', billed: usd('1.25'), list: usd('1.25') },
];
