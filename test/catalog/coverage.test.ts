/** Whether a request is money or part of a plan. */
import { describe, expect, test } from '@jest/globals';
import { COVERAGES, type Coverage, coverageOf } from '../../collector/catalog/coverage.ts';

const CASES: readonly (readonly [plan: string, seat: string, expected: Coverage])[] = [
  // An API key or a cloud provider.
  ['', '', 'metered'],
  // A login of one user.
  ['pro', '', 'covered'],
  ['max', 'other', 'covered'],
  // Seats of an organization.
  ['team', 'standard', 'covered'],
  ['team', 'premium', 'covered'],
  ['enterprise', 'premium', 'covered'],
  ['enterprise', 'usage_based', 'metered'],
  ['team', 'usage_based', 'metered'],
  // What is not known is neither.
  ['team', '', 'unknown'],
  ['enterprise', 'other', 'unknown'],
  ['education', 'standard', 'unknown'],
  ['', 'standard', 'unknown'],
  ['Pro', '', 'unknown'],
];

describe('the coverage of a request', () => {
  test.each(CASES)('plan %s with seat %s', (plan, seat, expected) => {
    expect(coverageOf({ plan, seat })).toBe(expected);
    expect(coverageOf({ ...(plan !== '' && { plan }), ...(seat !== '' && { seat }) })).toBe(expected);
    expect(COVERAGES).toContain(expected);
  });
});
