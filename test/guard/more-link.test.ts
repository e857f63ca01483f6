/** Links to ask for more: what they say, how long they last, and that they do not change meanwhile. */
import { describe, expect, test } from '@jest/globals';
import { type MoreLink, moreLinkEnd, moreUrl, readMoreLink } from '../../collector/guard/more-link.ts';
import { NOON } from '../support/entries.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR_MS = 3_600_000;
const textOf = (link: MoreLink): string => moreUrl(link, KEY, '').slice('/more/'.length);

test.each([
  { key: 'each/ada@example.com', user: 'ada@example.com' },
  { key: 'platform', user: 'ada@example.com' },
  { key: 'each/other@example.com', user: 'ada@example.com' },
  { key: 'each/a/b"\u202e', user: 'a/b"\u202e' },
  { key: 'ada', user: 'ada' },
  { key: 'each/', user: '' },
])('of $key for $user says just that', (link) => {
  expect(readMoreLink(textOf({ ...link, untilMs: NOON }), KEY)).toEqual({ ...link, untilMs: NOON });
});

test('is short', () => expect(textOf({ key: 'each/ada@example.com', user: 'ada@example.com', untilMs: NOON }).length).toBeLessThan(80));

describe('ends', () => {
  test('with the period, where that is within a day', () => {
    for (const hours of [0.1, 5, 23.9, 24]) expect(moreLinkEnd({ periodEndMs: NOON + hours * HOUR_MS }, NOON)).toBe(NOON + hours * HOUR_MS);
  });

  test('else within 24 hours, at the same instant whenever it is asked for until then', () => {
    const periodEndMs = NOON + 10 * 24 * HOUR_MS;
    const ends = Array.from({ length: 10 * 24 * 4 }, (_, quarter) => {
      const nowMs = NOON + quarter * (HOUR_MS / 4);
      return { nowMs, untilMs: moreLinkEnd({ periodEndMs }, nowMs) };
    });
    for (const { nowMs, untilMs } of ends) expect(untilMs > nowMs && untilMs <= nowMs + 24 * HOUR_MS).toBe(true);
    expect(new Set(ends.map(({ untilMs }) => untilMs)).size).toBe(10);
  });
});
