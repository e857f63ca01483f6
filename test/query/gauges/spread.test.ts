import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, only, read, readWhole } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const spent = (user: string, cost: string, more: { beforeMs?: number; organization?: string; model?: string } = {}) =>
  event({
    id: `${user} ${cost} ${more.beforeMs}`,
    sessionId: user,
    user,
    cost,
    timeMs: NOON - (more.beforeMs ?? 0),
    dimensions: { organization: more.organization ?? 'acme', ...(more.model !== undefined && { model: more.model }) },
  });
const LAST_MONTH = { beforeMs: 25 * DAY_MS };

describe('how the cost of the month is spread', () => {
  test('should put each person into one band, a bound into the band that it begins', async () => {
    await append(ledger, [
      spent('ada', '19.99'),
      spent('bob', '12'),
      spent('bob', '8', { beforeMs: DAY_MS }),
      spent('cay', '500'),
      spent('dan', '400', LAST_MONTH),
      spent('', '150'),
      spent('eve', '0'),
      spent('fay', '150', { organization: 'other' }),
    ]);
    expect(await readWhole(ledger, 'users_by_spend')).toEqual(['100-200: 1', '20-100: 1', '200-500: 0', '500+: 1', '<20: 1']);
    const organizations = (await read(ledger, 'users_by_spend')).filter((sample) => /^\w+, ,/.test(sample));
    expect(organizations.map((sample) => sample.replace(', ,', ','))).toEqual([
      'acme, 100-200: 0',
      'acme, 20-100: 1',
      'acme, 200-500: 0',
      'acme, 500+: 1',
      'acme, <20: 1',
      'other, 100-200: 1',
      'other, 20-100: 0',
      'other, 200-500: 0',
      'other, 500+: 0',
      'other, <20: 0',
    ]);
  });

  test('should be the share of the most expensive tenth, rounded up to whole people', async () => {
    // Eleven people: the two most expensive spent 60 and 30 of 99 USD, last month's 1,000 aside.
    const others = Array.from({ length: 9 }, (_, index) => spent(`u${index}`, '1'));
    await append(ledger, [...others, spent('ada', '60'), spent('bob', '30'), spent('u0', '1000', LAST_MONTH)]);
    expect(await readWhole(ledger, 'spend_concentration')).toEqual([`${90 / 99}`]);
    expect(await readWhole(ledger, 'spend_concentration', { where: only('user', 'ada', 'bob') })).toEqual([`${60 / 90}`]);
  });

  test('should be narrowed by whatever the ledger tells apart, and silent where nobody spent', async () => {
    await append(ledger, [spent('ada', '30', { model: 'claude-opus-5-5' }), spent('ada', '80', { model: 'claude-haiku-5' })]);
    const people = async (where = only('organization', 'acme')) =>
      (await readWhole(ledger, 'users_by_spend', { where })).filter((sample) => !sample.endsWith(': 0'));
    expect(await people()).toEqual(['100-200: 1']);
    expect(await people(only('model', 'claude-opus-5-5'))).toEqual(['20-100: 1']);
    expect(await people(only('user', 'nobody'))).toEqual([]);
    expect(await read(ledger, 'spend_concentration', { where: only('user', 'nobody') })).toEqual([]);
  });

  test('should be over all that was chosen, where the largest share of a part is larger; who is in two organizations is one user', async () => {
    // In each organization two users, one of whom spent 9 of 10 USD: 0.9. All together three users, of whom ada spent 10 of 20 USD.
    await append(ledger, [
      spent('ada', '9'),
      spent('bob', '1'),
      spent('ada', '1', { organization: 'other' }),
      spent('cay', '9', { organization: 'other' }),
    ]);
    expect(await read(ledger, 'spend_concentration')).toEqual([
      ', : 0.5',
      'acme, : 0.9',
      'acme, platform: 0.9',
      'other, : 0.9',
      'other, platform: 0.9',
    ]);
    expect(await readWhole(ledger, 'users_by_spend')).toContain('<20: 3');
  });
});
