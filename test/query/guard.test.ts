/**
 * What holds for a session, against sums over its entries that are made here; and that the answer comes from what is kept ready, whoever
 * asks about whatever.
 */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BudgetWriter } from '../../collector/budgets/journal.ts';
import { BudgetWatch } from '../../collector/budgets/spend-watch.ts';
import { parseUsd } from '../../collector/core/money.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { GUARD, type GuardAnswer } from '../../collector/query/guard.ts';
import type { Asking } from '../../collector/query/question.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { event, NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const random = seededRandom('guard');
const DAY = 86_400_000;
const SESSIONS = 60;
const BUDGETS = 14;
const NAMES = ['organization', 'team', 'user', 'workspace', 'repository'] as const;
type Place = Readonly<Record<(typeof NAMES)[number], string>>;

const VALUES: Readonly<Record<(typeof NAMES)[number], readonly string[]>> = {
  organization: ['borealis', 'meridian'],
  team: ['platform', 'data', ''],
  user: ['ada@example.com', 'ben@example.com', 'Build-Bot', ''],
  workspace: ['api', 'web', ''],
  repository: ['acme/api', ''],
};
const anyPlace = (): Place => {
  const one = (name: keyof typeof VALUES): string => random.pick(VALUES[name]);
  return { organization: one('organization'), team: one('team'), user: one('user'), workspace: one('workspace'), repository: one('repository') };
};

interface Hard {
  readonly name: string;
  readonly scope: Readonly<Partial<Record<(typeof NAMES)[number] | 'model', string[]>>>;
  readonly per?: 'user' | 'team' | 'workspace' | 'repository';
  readonly period: 'day' | 'month';
  readonly amount_usd: string;
  readonly hard_limit: boolean;
}

function anyBudget(_: unknown, index: number): Hard {
  const named = NAMES.filter(() => random.chance(0.4)).map((name) => {
    const known = VALUES[name].filter((value) => value !== '');
    return [name, random.shuffle(known).slice(0, 1 + random.below(2))] as const;
  });
  const model = random.chance(0.1) ? [['model', ['claude-opus-5-5']] as const] : [];
  const per = random.chance(0.4) ? random.pick(['user', 'team', 'workspace', 'repository'] as const) : undefined;
  return {
    ...{ name: `b${index}`, scope: Object.fromEntries([...named, ...model]), ...(per !== undefined && { per }) },
    ...{ period: random.pick(['day', 'month'] as const), amount_usd: String(10 + random.below(15) ** 2), hard_limit: random.chance(0.85) },
  };
}

/** One of them stops somebody whatever the others do. */
const NOTHING: Hard = { name: 'nothing', scope: { user: ['ada@example.com'] }, period: 'day', amount_usd: '0', hard_limit: true };
const budgets = [NOTHING, ...Array.from({ length: BUDGETS }, anyBudget)];
const places = Array.from({ length: SESSIONS }, anyPlace);
const entries = places.flatMap((place, session) =>
  Array.from({ length: 1 + random.below(4) }, (_, index): Entry => {
    const timeMs = NOON - random.pick([0, DAY, 2 * DAY, 25 * DAY]) - random.below(3_600_000);
    const entry = event({
      id: `${session}-${index}`,
      sessionId: `s${session}`,
      cost: `${random.below(400) / 100}`,
      timeMs,
      team: place.team,
      user: place.user,
    });
    return { ...entry, dimensions: { ...entry.dimensions, ...place } };
  }),
);

const startOf = { day: Date.parse('2026-11-20T00:00:00Z'), month: Date.parse('2026-11-01T00:00:00Z') };

/** Keys of what stops a session, by adding up every entry. */
function stopping(place: Place): string[] {
  return budgets.flatMap(({ name, scope, per, period, amount_usd, hard_limit }) => {
    const holds = Object.entries(scope).every(([dimension, values]) => dimension !== 'model' && values.includes(place[dimension as keyof Place]));
    const member = per === undefined ? undefined : place[per];
    if (!hard_limit || !holds || member === '') return [];
    const own = entries.filter(({ timeMs, dimensions }) => {
      const isInScope = Object.entries(scope).every(([dimension, values]) => values.includes(dimensions[dimension as keyof Place] ?? ''));
      return isInScope && timeMs >= startOf[period] && (per === undefined || dimensions[per] === member);
    });
    const spent = own.reduce((sum, { cost }) => sum + cost, 0n);
    return spent >= (parseUsd(amount_usd) ?? 0n) ? [per === undefined ? name : `${name}/${member}`] : [];
  });
}

describe('a thousand answers', () => {
  let questioned: Questioned;
  let journal: BudgetWriter;
  let watch: BudgetWatch;
  /** Readings of the ledger that are no look into an index. */
  let readings = 0;
  let watched: Asking;
  beforeAll(async () => {
    questioned = await openQuestioned(NOON, { budgets, guard: { session: { runaway_share: 1 } } });
    const { ledger, asking } = questioned;
    await questioned.append(...entries);
    journal = openBudgetStore(join(dirname(ledger.file), 'budgets.sqlite'));
    watch = new BudgetWatch({
      ...{ reader: ledger.reader, config: asking.config, budgets: journal, now: () => NOON },
      elsewhere: ledger.reader,
      log: () => undefined,
    });
    await watch.start();
    const { reader } = ledger;
    const counting: LedgerReader = {
      ...asked(reader),
      query: (query) => {
        readings++;
        return reader.query(query);
      },
      people: () => {
        readings++;
        return reader.people();
      },
    };
    watched = { ...asking, reader: counting, budgets: journal, watch };
  });
  afterAll(async () => {
    await watch.stop();
    await journal.close();
    await questioned.close();
  });

  /** A plain object: methods of a class are not copied by `...`. */
  const asked = (reader: LedgerReader): LedgerReader => ({
    query: (query) => reader.query(query),
    rows: (query) => reader.rows(query),
    session: (id, within) => reader.session(id, within),
    sessionSummary: (id, within) => reader.sessionSummary(id, within),
    sessionCount: (query) => reader.sessionCount(query),
    userMinutes: (query) => reader.userMinutes(query),
    apiRequests: (query, within) => reader.apiRequests(query, within),
    course: (id, query) => reader.course(id, query),
    sessions: (query) => reader.sessions(query),
    sessionBands: (query) => reader.sessionBands(query),
    senders: (sinceMs, within) => reader.senders(sinceMs, within),
    minutes: (timeRange, within) => reader.minutes(timeRange, within),
    people: (within) => reader.people(within),
    gaps: (sinceMs, within) => reader.gaps(sinceMs, within),
    sharedSessions: (max) => reader.sharedSessions(max),
    repricings: () => reader.repricings(),
    closedMonths: () => reader.closedMonths(),
    moved: (query) => reader.moved(query),
    status: () => reader.status(),
    snapshot: (read, bound) => reader.snapshot(read, bound),
    check: () => reader.check(),
    close: () => reader.close(),
  });
  const ask = async (asking: Asking, words: string): Promise<GuardAnswer> =>
    (await GUARD.respond({ parameters: new URLSearchParams(words) }, asking)).answer as GuardAnswer;

  test('stop exactly the sessions for which a hard limit is used up, with the watch and without', async () => {
    let stopped = 0;
    for (const [session, place] of places.entries()) {
      const expected = stopping(place);
      for (const asking of [watched, questioned.asking]) {
        const { decision, budget } = await ask(asking, `session=s${session}&event=PostToolBatch`);
        const key = budget?.key ?? '';
        const shown = { session, place, decision: decision === 'stop' ? 'stop' : 'other', isExpected: decision !== 'stop' || expected.includes(key) };
        expect(shown).toEqual({ session, place, decision: expected.length > 0 ? 'stop' : 'other', isExpected: true });
      }
      if (expected.length > 0) stopped++;
    }
    // Else the budgets decide nothing.
    expect(stopped).toBeGreaterThan(0);
  });

  test('about ten thousand made-up sessions read nothing, and are the same', async () => {
    readings = 0;
    const first = await ask(watched, 'session=nowhere');
    for (let index = 0; index < 10_000; index++) {
      const answer = await ask(watched, `session=${encodeURIComponent(`${index}'"\n--${random.below(1e9)}`)}`);
      if (index % 1_000 === 0) expect(answer).toEqual(first);
    }
    expect(readings).toBe(0);
  });
});
