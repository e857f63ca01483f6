/** Six days of a ledger, with what makes a past hard: late records, a correction, a team that comes later, an idle day. */
import { dirname } from 'node:path';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event, metric } from '../../support/entries.ts';
import { Random } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A Monday that no store takes for the future. */
export const START = Date.parse('2025-09-01T00:00:00Z');
export const END = START + 6 * DAY;
/** When the commands of the tests are run. */
export const NOW = END + 7 * 60_000;
const IDLE_DAY = 3;

const TEAMS = ['platform', 'data', ''] as const;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5'] as const;

function record(random: Random, index: number, timeMs: number): Entry {
  const person = random.below(6);
  const team = timeMs > START + 4 * DAY && random.chance(0.3) ? 'late "quoted" \\team' : (TEAMS[person % TEAMS.length] ?? '');
  const counts = { requests: 1, input_tokens: random.below(5_000), output_tokens: random.below(900), cache_read_tokens: random.below(90_000) };
  const times = { api_duration_ms: random.below(60_000), ttft_ms: random.below(9_000), ttft_requests: 1, tool_calls: random.below(3) };
  const rare = random.chance(0.2) ? { commits: 1, lines_added: random.below(300), active_user_ms: random.below(600_000), errors: 1 } : {};
  return event({
    id: String(index),
    cost: `${random.below(5_000_000) / 1_000_000}`,
    model: random.pick(MODELS),
    team,
    user: `person-${person}@example.com`,
    sessionId: `session-${person}-${Math.floor(timeMs / DAY)}`,
    timeMs,
    amounts: { ...counts, ...times, ...rare },
    dimensions: { organization: 'acme', workspace: `workspace-${person % 2}`, ...(random.chance(0.3) ? { skill: 'review "it"' } : {}) },
  });
}

export interface PastLedger extends TestLedger {
  /** Options of the commands that find it. */
  readonly data: readonly string[];
}

export async function openPast(): Promise<PastLedger> {
  const random = new Random(20_250_901);
  const ledger = await openTestLedger();
  const instants = Array.from({ length: 300 }, () => START + 9 * HOUR + random.below(6 * DAY - 9 * HOUR));
  const entries = instants.filter((timeMs) => Math.floor((timeMs - START) / DAY) !== IDLE_DAY).map((timeMs, index) => record(random, index, timeMs));
  const [late, inTime] = [entries.filter((_, index) => index % 10 === 0), entries.filter((_, index) => index % 10 !== 0)];
  for (const { timeMs, ...rest } of inTime.sort((a, b) => a.timeMs - b.timeMs)) {
    await ledger.writer.append({ entries: [{ timeMs, ...rest }], receivedMs: timeMs + 5_000 });
  }
  await ledger.writer.append({ entries: late, receivedMs: END });
  // The metric of a session says more than its events did: what is booked is corrected afterwards.
  const corrected = metric({ id: 'more', cost: '250.125', sessionId: inTime[0]?.sessionId ?? '', timeMs: START + 2 * DAY + HOUR });
  await ledger.writer.append({ entries: [corrected], receivedMs: END });
  return { ...ledger, data: ['--data', dirname(ledger.file)] };
}
