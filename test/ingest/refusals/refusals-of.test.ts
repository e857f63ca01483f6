/** What of an export's outcome the receivers report, and what doctor says to it. */
import { describe, expect, test } from '@jest/globals';
import { describeRefusal, remedyOf } from '../../../collector/catalog/refusals.ts';
import { refusalsOf } from '../../../collector/ingest/refusals/refusals-of.ts';

const NOTHING = { rejections: [], foreign: new Map<string, number>(), correctedTimes: 0, outsideWindow: new Map() };

describe('the refusals of an export', () => {
  test('are none where all of it was booked', () => {
    expect(refusalsOf(NOTHING, 'logs', { conflicts: 0, expired: 0 })).toEqual([]);
  });

  test('name records that came too late for their session', () => {
    const refusals = refusalsOf(NOTHING, 'logs', { conflicts: 0, expired: 0, heldBack: 2 });
    expect(refusals.map(describeRefusal)).toEqual([
      '2 records came so late into so long a session that it was not booked again for them; their cost is held back',
    ]);
  });

  test.each([
    ['laptops', 'user, token laptops'],
    ['', 'user'],
  ])('name the dimension of new values beyond a limit, and the token "%s"', (token, detail) => {
    const [refusal] = refusalsOf(NOTHING, 'logs', { conflicts: 0, expired: 0, grouped: { user: 3 } }, token);
    expect(refusal).toEqual({ kind: 'new_values', detail, count: 3 });
    expect(remedyOf({ kind: 'new_values', detail })).toContain('Check what the sender sends as user: it must not be the id of a run');
  });
});
