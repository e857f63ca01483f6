import { expect, test } from '@jest/globals';
import { canonicalZone } from '../../collector/core/time-zone.ts';

test.each([
  ['europe/berlin', 'Europe/Berlin'],
  ['Europe/Berlin', 'Europe/Berlin'],
  ['utc', 'UTC'],
])('%s is %s', (spelling, zone) => expect(canonicalZone(spelling)).toBe(zone));

test('what is no zone throws', () => expect(() => canonicalZone('Mars/Olympus')).toThrow(RangeError));
