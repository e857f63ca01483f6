/** Which values are kept apart: of whom, how many, and who makes room for whom. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import { type KeptValue, type KeptValues, VALUE_LIMITS, ValueAdmission, type ValueLimits } from '../../collector/ledger/value-admission.ts';
import { NOON } from '../support/entries.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

class Kept implements KeptValues {
  readonly values = new Map<string, KeptValue & { dimension: DimensionName; value: string }>();
  all() {
    return this.values.values();
  }
  keep(dimension: DimensionName, value: string, kept: KeptValue) {
    this.values.set(`${dimension} ${value}`, { dimension, value, ...kept });
  }
  remove(dimension: DimensionName, value: string) {
    this.values.delete(`${dimension} ${value}`);
  }
}

describe('values of dimensions', () => {
  let kept: Kept;
  let refused: DimensionName[];
  let admission: ValueAdmission;
  const open = (limits: Partial<ValueLimits> = {}) => {
    admission = new ValueAdmission(kept, { ...VALUE_LIMITS, ...limits }, (name) => refused.push(name));
    admission.begin(NOON);
  };
  beforeEach(() => {
    kept = new Kept();
    refused = [];
    open();
  });
  const bring = (count: number, name: DimensionName, bringer = { sender: 'a', spends: true }, prefix = bringer.sender) =>
    Array.from({ length: count }, (_, index) => admission.admit(name, `${prefix} ${index}`, bringer)).filter(Boolean).length;

  test('an organization of 5,000 people with one token is all there on its first morning', () => {
    expect(bring(5_000, 'user')).toBe(5_000);
    expect(bring(500, 'team')).toBe(500);
    expect(bring(9_000, 'workspace')).toBe(9_000);
    expect(bring(400, 'tool')).toBe(400);
    expect(refused).toEqual([]);
  });

  test('one sender brings so many in an hour and in a day, others are not concerned', () => {
    open({ newPerHour: 100, newPerDay: 150 });
    expect(bring(120, 'user')).toBe(100);
    expect(refused).toHaveLength(20);
    expect(bring(50, 'user', { sender: 'b', spends: true })).toBe(50);
    admission.begin(NOON + HOUR);
    expect(bring(100, 'user', { sender: 'a', spends: true }, 'later')).toBe(50);
    admission.begin(NOON + DAY);
    expect(bring(100, 'user', { sender: 'a', spends: true }, 'next day')).toBe(100);
    expect(bring(100, 'user')).toBe(100);
  });

  test('somebody who spends takes the place of names that the same sender brought without any spend', () => {
    open({ newPerHour: 100 });
    bring(1_000, 'user', { sender: 'a', spends: false });
    expect(admission.admit('user', 'another name', { sender: 'a', spends: false })).toBe(false);
    expect(admission.admit('user', 'real', { sender: 'a', spends: true })).toBe(true);
    expect([kept.values.size, kept.values.has('user real')]).toEqual([100, true]);
  });

  test('in a full dimension what has no spend goes first, then what was not seen for 30 days', () => {
    open({ values: { ...VALUE_LIMITS.values, effort: 10 } });
    bring(5, 'effort', { sender: 'spent', spends: true });
    bring(5, 'effort', { sender: 'free', spends: false });
    admission.noteSpend('effort', 'free 4');
    expect(bring(6, 'effort', { sender: 'new', spends: false })).toBe(0);
    expect(bring(6, 'effort', { sender: 'new', spends: true })).toBe(4);
    admission.begin(NOON + 2 * DAY);
    expect(bring(2, 'effort', { sender: 'later', spends: true })).toBe(0);
    admission.begin(NOON + 31 * DAY);
    expect(bring(11, 'effort', { sender: 'much later', spends: true })).toBe(10);
  });

  test('what has no spend and was not seen since yesterday holds no place', () => {
    open({ values: { ...VALUE_LIMITS.values, tool: 10 } });
    bring(10, 'tool', { sender: 'old', spends: false });
    admission.begin(NOON + DAY);
    admission.admit('tool', 'old 3', { sender: 'a', spends: false });
    expect(bring(1, 'tool', { sender: 'new', spends: false })).toBe(0);
    admission.begin(NOON + 2 * DAY);
    expect(bring(10, 'tool', { sender: 'new', spends: false })).toBe(9);
    expect(kept.values.has('tool old 3')).toBe(true);
  });

  test('names that are written down are always kept', () => {
    open({ newPerHour: 1, names: { user: ['alice@example.com'] } });
    bring(5, 'user');
    expect(admission.admit('user', 'alice@example.com', { sender: 'a', spends: false })).toBe(true);
  });

  test('what a failed transaction changed is taken back', () => {
    admission.admit('user', 'kept', { sender: 'a', spends: false });
    admission.begin(NOON);
    admission.admit('user', 'lost', { sender: 'a', spends: true });
    admission.noteSpend('user', 'kept');
    kept.values.delete('user lost');
    admission.undo();
    admission.begin(NOON);
    admission.admit('user', 'lost', { sender: 'a', spends: true });
    expect(kept.values.has('user lost')).toBe(true);
  });
});
