/** The time before, in as few words as say which it is. */
import { expect, test } from '@jest/globals';
import { timeText } from '../../../dashboards/web/cumulative-text.ts';

test.each([
  ['2026-10-01', '2026-10-30', '1 to 29 Oct'],
  ['2026-09-28', '2026-10-05', '28 Sept to 4 Oct'],
  ['2025-12-20', '2026-01-05', '20 Dec 2025 to 4 Jan 2026'],
  ['2024-11-10', '2025-11-15', '10 Nov 2024 to 14 Nov 2025'],
  ['2024-11-14', '2025-11-15', '14 Nov 2024 to 14 Nov 2025'],
  ['2026-11-04T10:00Z', '2026-11-04T14:00Z', '4 Nov 10:00 to 14:00'],
])('from %s to %s is "%s"', (from, to, words) => {
  expect(timeText(Date.parse(from) / 1_000, Date.parse(to) / 1_000, 'UTC')).toBe(words);
});
