/** What stops, what warns, and in which order. */
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { decide, type GuardFacts, type SessionLimits } from '../../collector/guard/decide.ts';
import { freshForSeconds } from '../../collector/guard/fresh.ts';
import { hookOutput } from '../../collector/guard/hook.ts';
import { teamGuard } from '../../collector/guard/limits.ts';
import { usd } from '../support/entries.ts';
import { hardLimit, ofDay, ofTeam, ofTokens } from './statuses.ts';

const LIMITS: SessionLimits = {
  ...{ warn: usd('5'), stop: usd('25'), runawayMinutes: 10, runawayShare: 0.25 },
  ...{ coldCacheWarn: usd('0.25'), coldCacheStop: usd('2') },
};
const FACTS: GuardFacts = { event: 'UserPromptSubmit', budgets: [], cost: undefined, recent: undefined, limits: LIMITS, estimate: undefined };

const decided = (given: Partial<GuardFacts>): string => {
  const { decision, causes } = decide({ ...FACTS, ...given });
  return [decision, ...causes.map((cause) => ('status' in cause ? `${cause.kind} ${cause.status.key}` : cause.kind))].join(', ');
};

describe('a budget', () => {
  test.each([
    ['0', 'allow'],
    ['15.999999999999', 'allow'],
    ['16', 'warn, threshold each/ada@example.com'],
    ['19.999999999999', 'warn, threshold each/ada@example.com'],
    ['20', 'stop, budget each/ada@example.com'],
    ['2000', 'stop, budget each/ada@example.com'],
  ])('of 20 USD with %s spent: %s', (spent, expected) => expect(decided({ budgets: [ofDay(spent)] })).toBe(expected));

  test('of nothing stops from the start', () => expect(decided({ budgets: [ofDay('0', '0')] })).toBe('stop, budget each/ada@example.com'));

  test('of tokens stops, too', () => expect(decided({ budgets: [ofTokens(50n, 50n)] })).toBe('stop, budget tokens'));

  test('that ends last is named where several stop: work goes on when it does', () =>
    expect(decided({ budgets: [ofDay('21'), ofTeam('1000'), ofTokens(1n, 1n)] })).toBe('stop, budget platform'));

  test('warns together with others', () =>
    expect(decided({ budgets: [ofDay('16'), ofTeam('900')], cost: usd('6') })).toBe(
      'warn, session_cost, threshold each/ada@example.com, threshold platform',
    ));

  test('with thresholds of its own warns at the highest that is reached, but for those that are only of interest', () => {
    const at = (share: number, severity: 'info' | 'warning' | 'critical', reached: boolean) => ({
      at: share,
      on: 'actual' as const,
      severity,
      reached,
    });
    const status = {
      ...ofDay('19'),
      thresholds: [at(0.6, 'warning', true), at(0.9, 'critical', true), at(0.94, 'info', true), at(0.99, 'warning', false)],
    };
    expect(decide({ ...FACTS, budgets: [status] })).toMatchObject({ decision: 'warn', causes: [{ at: 0.9 }] });
    expect(decided({ budgets: [{ ...status, thresholds: [{ ...at(0.5, 'critical', true), on: 'forecast' }] }] })).toBe('allow');
  });
});

describe('a session', () => {
  test.each([
    ['4.999999999999', 'allow'],
    ['5', 'warn, session_cost'],
    ['24.999999999999', 'warn, session_cost'],
    ['25', 'stop, session_cost'],
  ])('that cost %s: %s', (cost, expected) => expect(decided({ cost: usd(cost) })).toBe(expected));

  test('has no limit where none is configured, and none is reached where nothing is known of it', () => {
    expect(decided({ cost: usd('1000'), limits: { ...LIMITS, warn: undefined, stop: undefined } })).toBe('allow');
    expect(decided({ cost: undefined, limits: { ...LIMITS, warn: 0n, stop: 0n } })).toBe('allow');
  });

  test('is stopped by a budget rather than by its own limit: what ends later is said', () =>
    expect(decided({ cost: usd('30'), budgets: [ofDay('30')] })).toBe('stop, budget each/ada@example.com'));
});

describe('a runaway', () => {
  test.each([
    // Spent of 20, of it in the last minutes.
    ['10', '9.99', 'allow'],
    ['10', '10', 'stop, runaway each/ada@example.com'],
    ['14', '6', 'stop, runaway each/ada@example.com'],
    ['15.5', '4.99', 'allow'],
    ['15.5', '5', 'stop, runaway each/ada@example.com'],
    ['19.9', '0.2', 'warn, threshold each/ada@example.com'],
    ['19.9', '4.9', 'warn, threshold each/ada@example.com'],
  ])('with %s of 20 USD spent, %s of it in the last ten minutes: %s', (spent, recent, expected) =>
    expect(decided({ budgets: [ofDay(spent)], recent: usd(recent) })).toBe(expected),
  );

  test('is looked for where what it spent is known, in budgets of dollars', () => {
    expect(decided({ budgets: [ofDay('15')], recent: undefined })).toBe('allow');
    expect(decided({ budgets: [ofDay('0', '0.5')], recent: 0n })).toBe('allow');
    expect(decided({ budgets: [ofTokens(1n, usd('5'))], recent: usd('6') })).toBe('allow');
    expect(decided({ budgets: [hardLimit({ spent: 0n, limit: usd('5'), active: false })], recent: usd('6') })).toBe('allow');
  });

  test('of a share of 1 is what alone spent the whole', () => {
    const limits = { ...LIMITS, runawayShare: 1 };
    expect(decided({ budgets: [ofDay('19.99')], recent: usd('19.99'), limits })).toBe('warn, threshold each/ada@example.com');
  });
});

describe('a cold cache', () => {
  test.each([
    ['SessionStart', '0.249999', 'allow'],
    ['SessionStart', '0.25', 'warn, cold_cache'],
    ['SessionStart', '500', 'warn, cold_cache'],
    ['PreModelSwitch', '0.25', 'warn, cold_cache'],
    ['PreModelSwitch', '2', 'stop, cold_cache'],
    ['UserPromptSubmit', '500', 'allow'],
  ])('at %s of %s USD: %s', (event, estimate, expected) => expect(decided({ event, estimate: usd(estimate) })).toBe(expected));

  test('that costs nothing is no news', () =>
    expect(decided({ event: 'SessionStart', estimate: 0n, limits: { ...LIMITS, coldCacheWarn: 0n, coldCacheStop: 0n } })).toBe('allow'));

  test('is blocked only where an amount is configured', () =>
    expect(decided({ event: 'PreModelSwitch', estimate: usd('500'), limits: { ...LIMITS, coldCacheStop: undefined } })).toBe('warn, cold_cache'));
});

describe('an answer may be used again', () => {
  const fresh = (given: Partial<GuardFacts>): number => freshForSeconds(decide({ ...FACTS, ...given }).decision, { ...FACTS, ...given });

  test('for 15 s where nothing is near', () => expect(fresh({ budgets: [ofDay('1')], cost: usd('1'), recent: usd('1') })).toBe(15));
  test('for 10 s where it stops, so that a raise is felt', () => expect(fresh({ budgets: [ofDay('20')] })).toBe(10));
  test.each<[string, Partial<GuardFacts>]>([
    ['a budget', { budgets: [ofDay('16')] }],
    ['the limit of the session', { cost: usd('20') }],
    ['what is left, at the pace of the last minutes', { budgets: [ofDay('14')], recent: usd('3') }],
  ])('for 5 s where %s is near', (_, given) => expect(fresh(given)).toBe(5));
});

test('a hook can stop what it is asked about, or shows it', () => {
  expect(hookOutput('allow', null, 'UserPromptSubmit')).toEqual({});
  expect(hookOutput('warn', 'Mind.', 'UserPromptSubmit')).toEqual({ systemMessage: 'Mind.' });
  expect(hookOutput('stop', 'No.', 'PostToolBatch')).toEqual({ continue: false, stopReason: 'No.' });
  expect(hookOutput('stop', 'No.', 'PreModelSwitch')).toEqual({ decision: 'block', reason: 'No.' });
  expect(hookOutput('stop', 'No.', 'SessionStart')).toEqual({ systemMessage: 'No.' });
});

test('a team has what its entry says, and the rest of all', () => {
  const guard = {
    contact: 'ops',
    session: { warn_usd: '2', stop_usd: '9' },
    teams: [{ team: 'data', session: { stop_usd: '4', runaway_minutes: 5 } }],
  };
  const config = configSchema.parse({ guard });
  expect(teamGuard(config, 'data')).toMatchObject({
    contact: 'ops',
    limits: { warn: usd('2'), stop: usd('4'), runawayMinutes: 5, runawayShare: 0.25 },
  });
  expect(teamGuard(config, undefined)).toMatchObject({ limits: { stop: usd('9'), runawayMinutes: 10 } });
});
