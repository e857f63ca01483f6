import { describe, expect, test } from '@jest/globals';
import type { Anomaly } from '../../../collector/alerts/anomalies/anomaly.ts';
import { findAnomalies } from '../../../collector/alerts/anomalies/detect.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event } from '../../support/entries.ts';
import { openTestLedger } from '../../support/sqlite-ledger.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A Friday afternoon. */
const NOW = Date.parse('2026-11-20T15:00:00Z');
const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;

async function found(
  entries: readonly Entry[],
  { nowMs, receivedMs }: { nowMs: number; receivedMs: number } = { nowMs: NOW, receivedMs: NOW },
): Promise<Anomaly[]> {
  const ledger = await openTestLedger();
  try {
    await ledger.writer.append({ entries, receivedMs });
    return await findAnomalies({ reader: ledger.reader, calendar, nowMs });
  } finally {
    await ledger.destroy();
  }
}

const TOKENS = { requests: 1, input_tokens: 10_000, cache_creation_tokens: 90_000, cache_read_tokens: 900_000, output_tokens: 5_000 };
type Given = Partial<Parameters<typeof event>[0]>;

/** Sessions of ten dollars by two people at ten o'clock on every working day of nine weeks, up to and with today's. */
function habits(given: (back: number, user: string) => Given | undefined = () => ({})): Entry[] {
  return Array.from({ length: 64 }, (_, back) => back)
    .filter((back) => ![0, 6].includes(new Date(NOW - back * DAY_MS).getUTCDay()))
    .flatMap((back) =>
      ['ada@example.com', 'ben@example.com'].flatMap((user) => {
        const own = given(back, user);
        const usual = {
          id: `${back} ${user}`,
          sessionId: `${back} ${user}`,
          user,
          timeMs: NOW - back * DAY_MS - 5 * HOUR_MS,
          cost: `10.${back % 7}`,
          amounts: TOKENS,
        };
        return own === undefined ? [] : [event({ ...usual, dimensions: { workspace: 'api' }, ...own })];
      }),
    );
}

const notified = (anomalies: readonly Anomaly[], kind: Anomaly['kind']): Anomaly[] => anomalies.filter((anomaly) => anomaly.kind === kind);

describe('what is unusual', () => {
  test('is nothing where everything is as ever', async () => expect(await found(habits())).toEqual([]));

  test('is a user who spends many times the usual of that weekday, with whom, where and on what', async () => {
    const anomalies = await found(habits((back, user) => (back === 0 && user === 'ada@example.com' ? { cost: '95' } : {})));
    const [ada] = notified(anomalies, 'spend');
    expect(ada).toMatchObject({
      scope: { dimension: 'user', value: 'ada@example.com' },
      severity: 'critical',
      figures: { spent_usd: '95.00', weeks: 8 },
    });
    expect(ada?.words).toMatch(
      /^ada@example\.com spent \$95\.00 today until 15:00, 9\.\d+ times the median of \$10\.\d+ for a Friday until that time \(8 weeks, spread \$0\.\d+\); 100 % of it on claude-opus-5-5, 100 % in api\.$/,
    );
    expect(notified(anomalies, 'spend').map(({ scope }) => scope.dimension)).toEqual(['user', 'workspace', 'team']);
  });

  test('is not what is twice as much, nor what is many times little', async () => {
    expect(notified(await found(habits((back) => (back === 0 ? { cost: '21' } : {}))), 'spend')).toEqual([]);
    expect(notified(await found(habits((back) => ({ cost: back === 0 ? '9' : '0.1' }))), 'spend')).toEqual([]);
  });

  test('is not what comes today of a month that is closed', async () => {
    const ledger = await openTestLedger();
    try {
      await ledger.writer.append({ entries: habits(), receivedMs: NOW });
      await ledger.writer.closeMonth('2026-10', NOW);
      const late = event({ id: 'late', sessionId: 'late', user: 'ada@example.com', cost: '300', timeMs: NOW - 30 * DAY_MS, amounts: TOKENS });
      await ledger.writer.append({ entries: [late], receivedMs: NOW - HOUR_MS });
      expect(await findAnomalies({ reader: ledger.reader, calendar, nowMs: NOW })).toEqual([]);
    } finally {
      await ledger.destroy();
    }
  });

  test('is a session that goes on far beyond what sessions cost', async () => {
    const runaway = event({ id: 'r', sessionId: 'runaway', cost: '120', user: 'ada@example.com', timeMs: NOW - 10 * 60_000, amounts: TOKENS });
    const [session] = notified(await found([...habits(), runaway]), 'runaway_session');
    expect(session).toMatchObject({
      scope: { dimension: 'session', value: 'runaway' },
      severity: 'critical',
      figures: { cost_usd: '120.00', user: 'ada@example.com' },
    });
    expect(session?.words).toContain('Of 20 sessions of ada@example.com, the median cost is $10.20 and the 95th percentile $10.40');
    expect(notified(await found([...habits(), { ...runaway, timeMs: NOW - 2 * HOUR_MS }]), 'runaway_session')).toEqual([]);
  });

  test('is a model that nobody used before, for two days', async () => {
    const used = (back: number) => (back <= 1 ? { model: 'claude-new-9' } : {});
    expect(notified(await found(habits(used)), 'new_model')).toMatchObject([
      { scope: { dimension: 'model', value: 'claude-new-9' }, severity: 'info' },
    ]);
    expect(notified(await found(habits((back) => (back <= 2 ? { model: 'claude-new-9' } : {}))), 'new_model')).toEqual([]);
  });

  test('is a cache that no longer helps', async () => {
    const cold = { requests: 1, input_tokens: 2_000_000, cache_creation_tokens: 200_000, cache_read_tokens: 300_000 };
    const [team] = notified(await found(habits((back) => (back === 0 ? { amounts: cold } : {}))), 'cache_collapse');
    expect(team).toMatchObject({ scope: { dimension: 'team', value: 'platform' }, figures: { share: 0.12, usual_share: 0.9 } });
    expect(team?.words).toContain('12 % of the input of platform came from the prompt cache today, compared with 90 % over the last 14 days');
  });

  test('is a user of whom nothing comes on days on which they usually work', async () => {
    const anomalies = notified(await found(habits((back, user) => (user === 'ben@example.com' && back < 8 ? undefined : {}))), 'telemetry_stopped');
    expect(anomalies).toMatchObject([{ scope: { dimension: 'user', value: 'ben@example.com' }, severity: 'info', figures: { missed_days: 5 } }]);
    expect(notified(await found(habits((back, user) => (user === 'ben@example.com' && back < 7 ? undefined : {}))), 'telemetry_stopped')).toEqual([]);
  });

  test('is silence that began in the day, until something arrives', async () => {
    // Thursday, after the ten o'clock of everybody.
    const receivedMs = NOW - DAY_MS - 5 * HOUR_MS + 20 * 60_000;
    const entries = habits((back) => (back === 0 ? undefined : {}));
    const silent = async (hours: number) => {
      const anomalies = notified(await found(entries, { receivedMs, nowMs: receivedMs + hours * HOUR_MS }), 'telemetry_stopped');
      return anomalies.filter(({ severity }) => severity === 'critical').length;
    };
    expect(await Promise.all([1, 12, 23, 24, 30, 40, 24 * 40].map(silent))).toEqual([0, 0, 0, 1, 1, 1, 1]);
  });

  test('is silence at an hour that is usually busy; at night it is not', async () => {
    const received = { nowMs: NOW - 4 * HOUR_MS, receivedMs: NOW - DAY_MS };
    const [all] = notified(
      await found(
        habits((back) => (back === 0 ? undefined : {})),
        received,
      ),
      'telemetry_stopped',
    );
    expect(all).toMatchObject({ scope: { dimension: '', value: '' }, severity: 'critical', figures: { busy_weeks: 4 } });
    expect(all?.words).toContain('No telemetry has arrived for 20 h');
    const night = { nowMs: NOW - 12 * HOUR_MS, receivedMs: NOW - DAY_MS };
    expect(
      notified(
        await found(
          habits((back) => (back === 0 ? undefined : {})),
          night,
        ),
        'telemetry_stopped',
      ),
    ).toEqual([]);
  });
});
