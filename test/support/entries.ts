/** Builders of ledger entries for tests. */
import { hash } from 'node:crypto';
import { parseUsd } from '../../collector/core/money.ts';
import { adjustmentIdentity } from '../../collector/ledger/adjustments.ts';
import type { Entry } from '../../collector/ledger/entry.ts';

/** 20 November 2026, noon UTC. */
export const NOON = Date.parse('2026-11-20T12:00:00Z');

export const usd = (text: string): bigint => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`not an amount: ${text}`);
  return amount;
};

export const identityOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 16);

type Overrides = Partial<Omit<Entry, 'identity' | 'cost' | 'listCost'>> & {
  readonly id: string;
  readonly cost?: string;
  readonly model?: string;
  readonly team?: string;
  readonly user?: string;
};

/** An api_request event of 0.01 USD, unless given. */
export function event({ id, cost = '0.01', model = 'claude-opus-5-5', team = 'platform', user = 'alice@example.com', ...rest }: Overrides): Entry {
  return {
    sessionId: 'session-1',
    identity: identityOf(`event ${id}`),
    timeMs: NOON,
    source: 'events',
    cost: usd(cost),
    listCost: usd(cost),
    amounts: { requests: 1, input_tokens: 10, output_tokens: 20 },
    ...rest,
    dimensions: { model, team, user, ...rest.dimensions },
  };
}

/** A point of the cost metric. */
export function metric(overrides: Overrides): Entry {
  const entry = event(overrides);
  return {
    ...entry,
    identity: identityOf(`metric ${overrides.id}`),
    source: 'metrics',
    listCost: 0n,
    amounts: overrides.amounts ?? {},
  };
}

/** Imported history of a cost of 0.01 USD, unless given: no requests and no tokens. */
export function adjustment({ id, cost = '0.01', listCost = 0n, ...rest }: Overrides & { readonly listCost?: bigint }): Entry {
  const identity = adjustmentIdentity('history', `adjustment ${id}`);
  return { ...event({ id, ...rest }), identity, cost: usd(cost), listCost, amounts: rest.amounts ?? {}, isAdjustment: true };
}
