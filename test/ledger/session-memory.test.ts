/** What is remembered of sessions is bounded by what it takes; what was used last stays longest. */
import { expect, test } from '@jest/globals';
import type { HistoryItem } from '../../collector/ledger/history.ts';
import { SessionMemory } from '../../collector/ledger/session-memory.ts';
import { noCost } from '../../collector/ledger/session-shares.ts';

const PLACE = { timeMs: 0, identity: '', dims: 1 };
const rowOf = (session: number) => ({
  ...{ session, sessionId: `s${session}`, first: PLACE, last: PLACE, isDashboard: false, isShared: false, removedBeforeMs: 0 },
  ...{ numberedEvents: 0, missingEvents: 0, heldBackEntries: 0, ...noCost() },
});
const item = (timeMs: number): HistoryItem => ({
  ...{ identity: String(timeMs), timeMs, startMs: undefined, source: 'events', dims: 1, model: '', sequence: undefined },
  ...{ cost: 0n, listCost: 0n, amounts: {} },
});

/** As many sessions, each with so many of its newest entries. */
function remember(sessions: number, entries: number): SessionMemory {
  const memory = new SessionMemory();
  const items = Array.from({ length: entries }, (_, index) => item(index));
  for (let session = 0; session < sessions; session++) {
    const state = memory.keep({ row: rowOf(session), isNew: true }, 24);
    state.tail?.add(items);
    memory.use([state], 0);
  }
  memory.trim(10_000);
  return memory;
}

test('those used longest ago lose their newest entries first', () => {
  const memory = remember(9_000, 60);
  expect(memory.find('s0')?.tail).toBeUndefined();
  expect(memory.find('s0')?.running).toBeDefined();
  expect(memory.find('s8999')?.tail?.length).toBe(60);
  const tails = Array.from({ length: 9_000 }, (_, session) => memory.find(`s${session}`)?.tail).filter((tail) => tail !== undefined);
  // 1.8 million units, without the 120 that each session takes: 8 for each entry.
  expect(tails.length).toBe(Math.floor((1_800_000 - 9_000 * 120) / (60 * 8)));
});

test('then they are forgotten', () => {
  const memory = remember(19_000, 1);
  const known = Array.from({ length: 19_000 }, (_, session) => session).filter((session) => memory.find(`s${session}`) !== undefined);
  expect(known.length).toBe(15_000);
  expect(known[0]).toBe(4_000);
});

test('no more than 20,000 of them, however little they take', () => {
  const memory = new SessionMemory();
  for (let session = 0; session < 20_001; session++) memory.keep({ row: rowOf(session), isNew: false }, 24);
  memory.trim(10_000);
  expect(memory.find('s0')).toBeUndefined();
  expect(memory.find('s1')).toBeDefined();
});

test('of the entries that a session begins and ends with, their places alone', () => {
  const memory = new SessionMemory();
  const state = memory.keep({ row: { ...rowOf(1), first: item(3), last: item(8) }, isNew: false }, 24);
  memory.use([state], 0);
  expect([state.first, state.last]).toEqual([
    { timeMs: 3, identity: '3', dims: 1 },
    { timeMs: 8, identity: '8', dims: 1 },
  ]);
});

test('links and what is set aside count, and one that takes a quarter of all goes before others', () => {
  const memory = new SessionMemory();
  const keep = (session: number) => memory.keep({ row: rowOf(session), isNew: true }, 24);
  const others = Array.from({ length: 10_000 }, (_, session) => keep(session));
  const large = keep(10_001);
  for (let link = 0; link < 300_000; link++) large.links.set(`day ${link}`, { session: 10_001, day: link, key: 'k', isPool: false });
  memory.use([...others, large], 0);
  memory.trim(10_000);
  expect(memory.find('s10001')).toBeUndefined();
  expect(others.every(({ sessionId }) => memory.find(sessionId) !== undefined)).toBe(true);
});

test('the newest entries of those that nobody has used for five minutes, and not their state', () => {
  const memory = new SessionMemory();
  const [idle, busy] = [1, 2].map((session) => memory.keep({ row: rowOf(session), isNew: true }, 24));
  if (idle === undefined || busy === undefined) throw new Error('Two were kept.');
  for (const state of [idle, busy]) state.tail?.add([item(7), item(9)]);
  memory.use([idle, busy], 1_000);
  memory.use([busy], 300_999);
  expect(idle.tail?.length).toBe(2);
  memory.use([busy], 301_000);
  expect([idle.tail?.length, busy.tail?.length]).toEqual([0, 2]);
  expect(idle.running).toBeDefined();
  memory.use([idle], 301_001);
  idle.tail?.add([item(12)]);
  memory.use([busy], 400_000);
  expect(idle.tail?.length).toBe(1);
});
