/** Which versions are known to be wrong about what. */
import { describe, expect, test } from '@jest/globals';
import { CLIENT_FAULTS, clientFaults, mayReportBrokenAttempts, possibleFaults, pricesLifetimesApart } from '../../collector/catalog/client-faults.ts';
import { isDay } from '../../collector/core/day.ts';
import { read } from '../support/sources.ts';

const codes = (faults: readonly { readonly code: string }[]): string[] => faults.map(({ code }) => code);

describe('the registry of faults', () => {
  test('has each code once, ranges that begin before they end, and days', () => {
    expect(new Set(codes(CLIENT_FAULTS)).size).toBe(CLIENT_FAULTS.length);
    for (const { from = [0, 0, 0], to, possible, mendedOn } of CLIENT_FAULTS) {
      expect([from, to].map((version) => version.length)).toEqual([3, 3]);
      expect(numberOf(from)).toBeLessThanOrEqual(numberOf(to));
      if (possible !== undefined) {
        expect(numberOf(possible.from ?? [0, 0, 0])).toBeLessThanOrEqual(numberOf(from));
        expect(numberOf(possible.to ?? [])).toBeGreaterThanOrEqual(numberOf(to));
      }
      expect(mendedOn === undefined || isDay(mendedOn)).toBe(true);
    }
  });

  test('names what a version was seen to have, and what it may have', () => {
    expect(codes(clientFaults('2.1.59'))).toContain('client_sonnet_overpriced');
    expect(codes(clientFaults('2.1.100'))).not.toContain('client_sonnet_overpriced');
    expect(codes(possibleFaults('2.1.100'))).toContain('client_sonnet_overpriced');
    expect(codes(possibleFaults('2.1.120'))).not.toContain('client_sonnet_overpriced');
    expect(codes(clientFaults('2.1.230'))).toContain('client_sonnet_5_overpriced');
    expect(clientFaults('2.1.332')).toEqual([]);
    expect(possibleFaults('')).toEqual([]);
  });

  test.each([
    ['2.1.332', true],
    ['2.1.200', true],
    ['2.1.199', false],
    ['1.0.60', false],
    ['', false],
    ['unreleased', false],
  ])('knows whether %j prices one-hour cache writes apart: %s', (version, expected) => {
    expect(pricesLifetimesApart(version)).toBe(expected);
  });

  test.each([
    ['2.1.332', false],
    ['2.1.120', false],
    ['2.1.119', true],
    ['1.0.60', true],
    ['', true],
    ['unreleased', true],
  ])('knows whether tokens of %j at zero cost may be an attempt that broke off: %s', (version, expected) => {
    expect(mayReportBrokenAttempts(version)).toBe(expected);
  });

  test('is what docs/costs.md has, version by version', () => {
    const page = read('docs/costs.md');
    for (const { to, words } of CLIENT_FAULTS) {
      expect(page).toContain(`${to.join('.')} |`);
      expect(page).toContain(words);
    }
  });
});

const numberOf = (version: readonly number[]): number => version.reduce((sum, part) => sum * 1_000 + part, 0);
