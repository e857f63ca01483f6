/** An embedded ledger that has everything a copy must bring along, and more telemetry for it. */
import { DAY_MS, MINUTE_MS } from '../../../collector/core/duration.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { adjustment, event, metric, NOON } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { fill } from '../postgres/two-ledgers.ts';

export const LATER_MS = NOON + 3 * DAY_MS;
const TEAMS = ['platform', 'data', '', 'a\0b'];

/** Sums beyond 64 bits, sessions that lost their entries, a closed month and what came for it later, pools, corrections, somebody who was erased. */
export async function randomSource(random: Random): Promise<TestLedger> {
  const ledger = await openTestLedger();
  const { writer } = ledger;
  await fill(ledger, random);
  const huge = Array.from({ length: 12 }, (_, index) => event({ id: `huge ${index}`, sessionId: 'huge', cost: '1000000', timeMs: NOON + index }));
  await writer.append({ entries: huge, receivedMs: NOON + DAY_MS });
  const old = Array.from({ length: 12 }, (_, index) =>
    event({ id: `old ${index}`, sessionId: 'old', cost: '1000000', timeMs: NOON - 50 * DAY_MS + index }),
  );
  await writer.append({ entries: old, receivedMs: NOON + DAY_MS });
  await writer.prune(NOON - 45 * DAY_MS);
  await writer.closeMonth('2026-10', LATER_MS);
  await appendMore(writer, random, 'first', 100);
  await writer.erase({ names: ['ann@example.com'], pseudonym: 'erased-1', isRemembered: true, isTrial: false });
  return ledger;
}

/** Of sessions that are there and others, now and of the closed month. */
export async function appendMore(writer: Pick<LedgerWriter, 'append'>, random: Random, round: string, count: number): Promise<void> {
  await writer.append({ entries: moreEntries(random, round, count), receivedMs: LATER_MS });
}

export function moreEntries(random: Random, round: string, count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const made = {
      ...{ id: `${round} ${index}`, sessionId: random.pick(['huge', 'S-1', 'S-2', `more-${random.below(20)}`]), cost: `${random.below(3)}.5` },
      ...{ team: random.pick(TEAMS), user: random.pick(['ann@example.com', 'ben@example.com', '']) },
      timeMs: random.pick([NOON - 30 * DAY_MS, NOON, LATER_MS]) + random.below(600) * MINUTE_MS - 1_000 * MINUTE_MS,
    };
    if (random.chance(0.1)) return adjustment(made);
    return random.chance(0.3) ? metric(made) : event(made);
  });
}
