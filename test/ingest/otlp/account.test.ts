import { describe, expect, test } from '@jest/globals';
import { Account } from '../../../collector/ingest/otlp/account.ts';

const open = () => new Account({ max: 1_000, smallMax: 10 });

describe('an account of 1,000, in which 10 are small', () => {
  test('gives back everything that was held, and no more', () => {
    const account = open();
    const holding = account.open('a');
    expect([holding.add(5), holding.add(200), account.held]).toEqual([true, true, 205]);
    holding.release();
    holding.release();
    expect(account.held).toBe(0);
  });

  test('lets whoever is alone exceed it: the largest export always finds room', () => {
    const account = open();
    expect(account.open('a').add(5_000)).toBe(true);
    expect(account.open('b').add(1)).toBe(false);
  });

  test('gives the large holders of one address a quarter, and their first whatever it needs', () => {
    const account = open();
    expect(account.open('a').add(240)).toBe(true);
    expect(account.open('a').add(11)).toBe(false);
    expect(account.open('b').add(300)).toBe(true);
    expect(account.open('b').add(11)).toBe(false);
  });

  test('counts a holder as large from where it outgrows a small one, with all that it has', () => {
    const account = open();
    account.open('a').add(245);
    const grows = account.open('a');
    expect([grows.add(8), grows.add(3), grows.add(2)]).toEqual([true, false, true]);
  });

  test('keeps a quarter free of large holders, however many addresses they have', () => {
    const account = open();
    const held = Array.from({ length: 8 }, (_, index) => account.open(`large-${index}`).add(240));
    expect(held).toEqual([true, true, true, false, false, false, false, false]);
    expect(account.open('client').add(10)).toBe(true);
  });

  test('gives one address half, be it in small pieces', () => {
    const account = open();
    const held = Array.from({ length: 60 }, () => account.open('a').add(10));
    expect(held.filter(Boolean)).toHaveLength(50);
    expect(account.open('b').add(10)).toBe(true);
  });

  test('lets those that wait in, in their order, and past one that still does not fit', async () => {
    const account = open();
    const first = account.open('a');
    const second = account.open('b');
    first.add(240);
    second.add(240);
    account.open('c').add(240);
    const order: string[] = [];
    const waits = ['d', 'e', 'f'].map((name, index) => {
      const holding = account.open(name);
      return holding.wait(index === 0 ? 300 : 100).then((admitted) => admitted && order.push(name));
    });
    first.release();
    await Promise.all(waits.slice(1));
    expect(order).toEqual(['e', 'f']);
    second.release();
    await waits[0];
    expect(order).toEqual(['e', 'f', 'd']);
  });

  test('does not admit what is released while it waits', async () => {
    const account = open();
    account.open('a').add(1_000);
    const holding = account.open('b');
    const admitted = holding.wait(5);
    holding.release();
    expect(await admitted).toBe(false);
    expect(account.held).toBe(1_000);
  });

  test('refuses at once when 1,024 wait already', async () => {
    const account = open();
    account.open('a').add(1_000);
    for (let waiting = 0; waiting < 1_024; waiting++) void account.open('b').wait(1);
    expect(await account.open('c').wait(1)).toBe(false);
  });
});
