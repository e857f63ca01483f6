/** What a ledger answers to whom, for a comparison of two that should be the same. */
import { expect } from '@jest/globals';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../../collector/catalog/measures.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import type { LedgerReader, Query } from '../../../collector/ledger/ledger.ts';
import { storable } from '../../../collector/storage/postgres/sql-text.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { LATER_MS } from './random-source.ts';

const GRAINS = ['total', 'month', 'week', 'day', 'hour', 'quarter_hour'] as const;

/** As a database can hold it. */
const kept = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? `${value}` : typeof value === 'string' ? storable(value) : value)));

function questionsOf(random: Random): Query[] {
  return Array.from({ length: 60 }, () => {
    const by = random.shuffle(DIMENSION_NAMES).slice(0, random.below(4));
    const [from, to] = [random.below(80), random.below(80)].sort((a, b) => a - b) as [number, number];
    const range = random.chance(0.5) ? {} : { fromMs: LATER_MS - (80 - from) * DAY_MS, toMs: LATER_MS - (80 - to) * DAY_MS };
    const timeZone = random.pick(['UTC', 'Asia/Kolkata']);
    return { measures: MEASURE_NAMES, by, grain: random.pick(GRAINS), timeZone, where: [], rowsMax: 100_000, ...range };
  });
}

/** What readers are answered; rows in an order of their own. */
async function answersOf(ledger: LedgerReader, questions: readonly Query[]): Promise<unknown> {
  const answers: unknown[] = [];
  for (const question of questions) {
    const { rows } = await ledger.query(question);
    answers.push([question, rows.map((row) => JSON.stringify(kept(row))).sort()]);
  }
  const sessions = await ledger.sessions({ limit: 10_000, order: 'cost' });
  answers.push(sessions);
  for (const { sessionId } of sessions) {
    const session = await ledger.session(sessionId);
    answers.push(
      { ...session, models: session?.models.toSorted((a, b) => (a.model < b.model ? -1 : 1)) },
      await ledger.course(sessionId, { recordsMax: 10_000 }),
    );
  }
  answers.push(
    await ledger.gaps(0),
    await ledger.senders(0),
    await ledger.sharedSessions(1_000),
    await ledger.closedMonths(),
    await ledger.repricings(),
  );
  answers.push(await ledger.moved({ by: ['team', 'user'], rowsMax: 10_000 }));
  answers.push(await ledger.apiRequests({ fromMs: 0, toMs: LATER_MS }), (await ledger.people()).map((person) => JSON.stringify(kept(person))).sort());
  return kept(answers);
}

/** Closes both. */
export async function expectSameAnswers(from: LedgerReader, to: LedgerReader, seed: string): Promise<void> {
  try {
    const questions = questionsOf(seededRandom(seed));
    expect(await answersOf(to, questions)).toEqual(await answersOf(from, questions));
    expect({ ...(await to.status()), schemaVersion: 0 }).toEqual({ ...(await from.status()), schemaVersion: 0 });
    expect((await to.check()).toSorted()).toEqual((await from.check()).toSorted());
  } finally {
    await from.close();
    await to.close();
  }
}
