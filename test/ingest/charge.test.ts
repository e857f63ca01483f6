import { describe, expect, test } from '@jest/globals';
import { charge, type Priced } from '../../collector/ingest/charge.ts';
import type { Usage } from '../../collector/ingest/usage.ts';

const MIDNIGHT = Date.parse('2026-11-20T00:00:00Z');
const tokens = { input: 1, output: 2, cacheRead: 3, cacheCreation5m: 4, cacheCreation1h: 5 };
const priced = (list: Priced['list'], rest: Partial<Priced> = {}): Priced => ({
  ...{ tokens, lifetimes: 'event', list, uncertain: 0n, basis: undefined },
  ...rest,
});
const list = { cost: 7n, uncached: 9n, contracted: 6n };
const price = priced(list);
const usage: Usage = {
  source: 'events',
  kind: 'api_request',
  timeMs: MIDNIGHT + 1_000,
  isTimeCertain: true,
  startMs: MIDNIGHT + 1_000,
  sessionId: 's1',
  identity: 'identity-16-char',
  claims: { record: new Map([['user.id', 'hash']]), resource: new Map([['team.id', 'platform']]) },
  cost: 5n,
  tokens,
  amounts: { requests: 1, input_tokens: 1 },
  dimensions: { model: 'claude-opus-5-5', terminal: 'vscode' },
};

describe('a charge', () => {
  test('should join what happened, whose it was and what it costs', () => {
    expect(charge(usage, { team: 'platform', user: 'alice' }, price)).toEqual({
      sessionId: 's1',
      identity: 'identity-16-char',
      timeMs: MIDNIGHT + 1_000,
      source: 'events',
      cost: 5n,
      listCost: 7n,
      amounts: { requests: 1, input_tokens: 1, cost_list_uncached: 9, cost_contracted: 6 },
      dimensions: { model: 'claude-opus-5-5', terminal: 'vscode', team: 'platform', user: 'alice' },
    });
  });

  test('should say what the reported cost agrees with, and what the lifetime of its cache writes leaves open', () => {
    expect(charge(usage, { team: 'platform' }, priced(list, { basis: 'surcharge', uncertain: 3n }))).toMatchObject({
      dimensions: { model: 'claude-opus-5-5', terminal: 'vscode', team: 'platform', price_basis: 'surcharge' },
      amounts: { requests: 1, input_tokens: 1, cost_list_uncached: 9, cost_contracted: 6, cost_list_uncertain: 3 },
    });
    expect(charge(usage, {}, priced(undefined, { basis: 'unknown_model' })).dimensions.price_basis).toBe('unknown_model');
    expect(charge(usage, {}, price).dimensions).not.toHaveProperty('price_basis');
  });

  test('should count one-hour writes that its cost shows', () => {
    const written = (lifetimes: Priced['lifetimes']) =>
      charge({ ...usage, amounts: { cache_creation_1h_tokens: 1 } }, {}, priced(list, { lifetimes })).amounts.cache_creation_1h_tokens;
    expect([written('event'), written('solved'), written('unknown')]).toEqual([1, 5, 1]);
  });

  test('should say which cost was not reported, and keep its list price beside it', () => {
    expect(charge({ ...usage, cost: undefined }, {}, price)).toMatchObject({ cost: 0n, listCost: 7n, isCostMissing: true });
    for (const reported of [{ cost: 0n }, { cost: undefined, tokens: undefined }])
      expect(charge({ ...usage, ...reported }, {}, price)).not.toHaveProperty('isCostMissing');
  });

  test('should say whose time is not certain', () => {
    expect(charge({ ...usage, isTimeCertain: false }, {}, price).isTimeUncertain).toBe(true);
    expect(charge(usage, {}, price)).not.toHaveProperty('isTimeUncertain');
  });

  test('should show tokens without a price as unpriced', () => {
    expect(charge(usage, {}, priced(undefined))).toMatchObject({ listCost: 0n, amounts: { requests: 1, input_tokens: 1, unpriced_tokens: 15 } });
    expect(usage.amounts).toEqual({ requests: 1, input_tokens: 1 });
  });

  test('should take a list price beyond what a record may cost for a mistake in the prices', () => {
    const beyond = { cost: 10n ** 18n + 1n, uncached: 9n, contracted: 9n };
    expect(charge(usage, {}, priced(beyond))).toMatchObject({ listCost: 0n, amounts: { unpriced_tokens: 15 } });
    expect(charge(usage, {}, priced({ ...beyond, cost: 10n ** 18n })).listCost).toBe(10n ** 18n);
  });

  test('should leave out what a request without a cache would cost when an amount cannot hold it, and show its tokens as unpriced', () => {
    const { amounts, listCost } = charge(usage, {}, priced({ ...list, uncached: 2n ** 53n }));
    expect(amounts).toEqual({ requests: 1, input_tokens: 1, unpriced_tokens: 15 });
    expect(listCost).toBe(7n);
    expect(charge(usage, {}, priced({ ...list, uncached: 2n ** 53n - 1n })).amounts.cost_list_uncached).toBe(2 ** 53 - 1);
  });

  test('should leave out a contracted cost that is nothing, or that an amount cannot hold', () => {
    for (const contracted of [0n, 2n ** 53n])
      expect(charge(usage, {}, priced({ ...list, contracted })).amounts).not.toHaveProperty('cost_contracted');
    expect(charge(usage, {}, priced({ ...list, contracted: 2n ** 53n - 1n })).amounts.cost_contracted).toBe(2 ** 53 - 1);
  });

  test('should keep the number of an event within its session, and drop it where there is none to number within', () => {
    expect(charge({ ...usage, sequence: 0 }, {}, price).sequence).toBe(0);
    expect(charge({ ...usage, sequence: 0, sessionId: '' }, {}, price)).not.toHaveProperty('sequence');
  });

  test('should not call a usage unpriced that carries no tokens of its own', () => {
    expect(charge({ ...usage, tokens: undefined, cost: undefined }, {}, undefined)).toMatchObject({ cost: 0n, amounts: usage.amounts });
  });

  test('should keep what a cumulative point says about its series', () => {
    const cumulative = { series: 'series', startMs: 5 };
    expect(charge({ ...usage, cumulative }, {}, price).cumulative).toEqual(cumulative);
  });

  test('should gather what has no session by user and by the day its interval begins in', () => {
    const withoutSession = { ...usage, sessionId: '' };
    expect(charge(withoutSession, { user: 'alice' }, price).sessionId).toBe('no-session:alice:2026-11-20');
    expect(charge({ ...withoutSession, startMs: MIDNIGHT - 1 }, { user: 'alice' }, price).sessionId).toBe('no-session:alice:2026-11-19');
  });

  test('should gather readings of a series by their own day, and say where it has begun on an earlier one', () => {
    const reading = (startMs: number) =>
      charge({ ...usage, sessionId: '', source: 'metrics', startMs, cumulative: { series: 'x', startMs } }, { user: 'alice' }, price);
    expect(reading(MIDNIGHT + 1)).toMatchObject({ sessionId: 'no-session:alice:2026-11-20', cumulative: { series: 'x', startMs: MIDNIGHT + 1 } });
    const underWay = { sessionId: 'no-session:alice:2026-11-20', startMs: MIDNIGHT, cumulative: { series: `>x@${MIDNIGHT - 1}`, startMs: MIDNIGHT } };
    expect(reading(MIDNIGHT - 1)).toMatchObject(underWay);
    expect(reading(0)).toMatchObject({ cumulative: { series: 'x', startMs: 0 } });
  });

  test('should gather what has neither session nor user by its resource', () => {
    const withoutSession = { ...usage, sessionId: '' };
    const other = { ...withoutSession, claims: { ...usage.claims, resource: new Map([['team.id', 'data']]) } };
    const { sessionId } = charge(withoutSession, {}, price);
    expect(sessionId).toMatch(/^no-session:[\w-]{16}:2026-11-20$/);
    expect(charge(withoutSession, {}, price).sessionId).toBe(sessionId);
    expect(charge(other, {}, price).sessionId).not.toBe(sessionId);
  });
});
