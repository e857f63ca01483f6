import { describe, expect, test } from '@jest/globals';
import {
  askedSession,
  fullSessionId,
  REALM_CHARACTERS,
  renamedSession,
  shownSessionId,
  storedSessionId,
} from '../../collector/catalog/session-ids.ts';

const REALM = 'Ab_-'.padEnd(REALM_CHARACTERS, '0');
const ID = '3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34';

const isFound = (stored: string, asked: string): boolean => {
  const { exact, others } = askedSession(asked);
  return stored === exact || (others !== undefined && stored >= others.from && stored <= others.to);
};

describe('the id of a session', () => {
  test('should be shown as its client calls it, whatever its realm', () => {
    expect([storedSessionId(ID, ''), shownSessionId(storedSessionId(ID, REALM))]).toEqual([ID, ID]);
  });

  test('should be found by what the client calls it, and each alone by its full id', () => {
    const stored = [storedSessionId(ID, ''), storedSessionId(ID, REALM)];
    expect(stored.map((one) => isFound(one, ID))).toEqual([true, true]);
    for (const one of stored) expect(stored.filter((other) => isFound(other, fullSessionId(one)))).toEqual([one]);
    expect(isFound(storedSessionId(`${ID}0`, REALM), ID)).toBe(false);
  });

  test('should keep its realm where it is shown otherwise', () => {
    const long = 'x'.repeat(200);
    expect(renamedSession(storedSessionId(long, REALM), (shown) => shown.slice(0, 9))).toBe(storedSessionId('x'.repeat(9), REALM));
  });

  test('should not be another realm’s by what a client calls it', () => {
    const forged = storedSessionId(ID, REALM);
    expect([storedSessionId(forged, ''), storedSessionId(forged, REALM)]).not.toContain(forged);
    expect(isFound(storedSessionId(forged, ''), ID)).toBe(false);
  });
});
