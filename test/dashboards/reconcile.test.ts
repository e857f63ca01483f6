/**
 * Promise 6: what Grafana's expressions show and what the ledger says agree to the cent at the same instant. Four days
 * of history come from the real exposition, read every hour of a clock that is handed in.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SelfTelemetry, startSelfTelemetry } from '../../collector/prometheus/self-telemetry.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';
import { TRUST_PANELS } from '../../dashboards/grafana/trust.ts';
import type { Panel } from '../../dashboards/panel.ts';
import { type Spend, startTestCollector, type TestCollector } from '../prometheus/collector.ts';
import { type ConfiguredServer, describeWithBackend, startPrometheus } from '../support/backends.ts';
import { Random } from '../support/random.ts';
import { interpolate, type PanelModel, panelsOf, type TargetModel } from './grafana.ts';
import { type Figures, ledgerFigures, type Moment } from './ledger-figures.ts';
import { importHistory, queryInstant, queryRange, type Scrape } from './prometheus-api.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.parse('2026-11-16T00:00:00Z');
const END = START + 3 * DAY + 15 * HOUR;
const RANGE_FROM = END - 2 * DAY;
const HALF_A_CENT = 0.005;

const TEAMS = ['platform', 'data', 'mobile', undefined] as const;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5'] as const;
const BUDGETS = [{ name: 'all', scope: {}, period: 'month', amount_usd: '1000.00', warning_threshold: 0.8 } as const];

/** A handful of requests in the hour before `endMs`; a team of its own appears on the third day. */
function hourOfSpend(random: Random, endMs: number): Spend[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const person = random.below(24);
    const team = endMs > START + 2 * DAY && random.chance(0.2) ? 'late' : TEAMS[person % TEAMS.length];
    return {
      timeMs: endMs - HOUR + random.below(HOUR),
      usd: random.below(5_000_000) / 1_000_000,
      organisation: 'acme',
      ...(team !== undefined && { team }),
      ...(random.chance(0.95) && { user: `person-${person}@example.com` }),
      workspace: `workspace-${person % 5}`,
      model: random.pick(MODELS),
      session: `session-${person}-${endMs}`,
      amounts: {
        input_tokens: random.below(5_000),
        output_tokens: random.below(900),
        cache_read_tokens: random.below(90_000),
        cache_creation_tokens: random.below(9_000),
        ...(random.chance(0.1) && { errors: 1, commits: 1, pull_requests: 1 }),
      },
    };
  });
}

const declared = new Map(OVERVIEW.rows.flatMap(({ panels }) => panels.map((panel) => [panel.title, panel] as const)));
const drawn = panelsOf(renderGrafana(OVERVIEW, { timeZone: 'UTC', weekStart: 'monday' })).filter(({ type }) => type !== 'row');
const reconciled = drawn.flatMap((model): [string, PanelModel, Panel][] => {
  const panel = declared.get(model.title);
  return panel === undefined ? [] : [[panel.id, model, panel]];
});

describeWithBackend(['prometheus', 'promtool'], 'the Overview board on a real Prometheus', () => {
  let collector: TestCollector;
  let self: SelfTelemetry;
  let prometheus: ConfiguredServer;

  beforeAll(async () => {
    const random = new Random(20_261_120);
    let nowMs = START;
    self = startSelfTelemetry();
    collector = await startTestCollector({ now: () => nowMs, budgets: BUDGETS, selfText: self.collectSelfText });
    const scrapes: Scrape[] = [{ timeMs: nowMs, text: await collector.scrape() }];
    for (nowMs = START + HOUR; nowMs <= END; nowMs += HOUR) {
      await collector.spend(...hourOfSpend(random, nowMs));
      scrapes.push({ timeMs: nowMs, text: await collector.scrape() });
    }
    prometheus = await startPrometheus({ config: { scrape_configs: [] }, prepare: (folder) => importHistory(folder, scrapes) });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await collector?.stop();
    await self?.close();
  });

  const show = async (target: TargetModel, variables: Readonly<Record<string, string>>, rangeMs: number) => {
    const query = interpolate(target.expr, { rangeSeconds: rangeMs / 1000, variables });
    if (target.instant === true) return queryInstant(prometheus.url, query, END);
    // Grafana moves both ends of a range back to whole steps.
    const whole = (ms: number) => Math.floor(ms / DAY) * DAY;
    return queryRange(prometheus.url, query, { startMs: whole(END - rangeMs), endMs: whole(END), stepSeconds: DAY / 1000 });
  };

  const shown = async (model: PanelModel, panel: Panel, variables = {}, rangeMs = END - RANGE_FROM): Promise<Figures> => {
    const figures: Record<string, number> = {};
    const [dimension] = panel.query.figure === undefined ? panel.query.by : [];
    for (const [index, target] of (model.targets ?? []).entries()) {
      for (const { metric, values } of await show(target, variables, rangeMs)) {
        const label = dimension === undefined ? (panel.query.measures.length > 1 && panel.query.measures[index]) || '' : (metric[dimension] ?? '');
        for (const [time, value] of values) figures[target.range === true ? `${label}@${time}` : label] = value;
      }
    }
    return figures;
  };

  /** A bar of zero and no bar at all are the same bar. */
  const withoutZeros = (figures: Figures): Figures =>
    Object.fromEntries(Object.entries(figures).filter(([label, value]) => label === '' || Math.abs(value) >= HALF_A_CENT));

  const expectSame = (prometheusSays: Figures, ledgerSays: Figures): void => {
    const [left, right] = [withoutZeros(prometheusSays), withoutZeros(ledgerSays)];
    expect(Object.keys(left).sort()).toEqual(Object.keys(right).sort());
    for (const [label, value] of Object.entries(right))
      expect([label, Math.abs((left[label] ?? Number.NaN) - value) < HALF_A_CENT]).toEqual([label, true]);
  };

  const momentOf = (panel: Panel): Moment => {
    const isDaily = panel.query.grain === 'day';
    return { nowMs: END, range: { fromMs: isDaily ? Math.floor(RANGE_FROM / DAY) * DAY : RANGE_FROM, toMs: END } };
  };

  test('has every declared panel', () => expect(reconciled).toHaveLength(declared.size));

  test.each(reconciled)('%s agrees with the ledger to the cent', async (_, model, panel) => {
    const ledgerSays = ledgerFigures(panel, collector.reader, momentOf(panel));
    expect(Object.values(ledgerSays).some((value) => value > 0)).toBe(true);
    expectSame(await shown(model, panel), ledgerSays);
  });

  test.each(reconciled)('%s agrees with the ledger when the reader narrows it', async (_, model, panel) => {
    const where = [
      { dimension: 'team', values: ['platform', 'late', ''] },
      { dimension: 'model', values: ['claude-opus-5-5'] },
    ] as const;
    const ledgerSays = ledgerFigures(panel, collector.reader, { ...momentOf(panel), where });
    expectSame(await shown(model, panel, { team: '(platform|late|unallocated)', model: 'claude-opus-5-5' }), ledgerSays);
  });

  test.each(reconciled.filter(([, , { query }]) => query.window === 'range' && query.grain === undefined))(
    '%s shows nothing for a range that began before the first scrape',
    async (_, model, panel) => expect(await shown(model, panel, {}, 10 * DAY)).toEqual({}),
  );

  test('beyond the largest teams of the range, the days of all others are one series', async () => {
    const [, model, panel] = reconciled.find(([id]) => id === 'spend-per-day-by-team') ?? [];
    if (model === undefined || panel === undefined) throw new Error('the panel is gone');
    const targets = panelTargets({ ...panel, query: { ...panel.query, top: 2 } }).map(({ expr }) => ({
      expr,
      refId: '',
      legendFormat: '',
      range: true,
    }));
    const few = await shown({ ...model, targets }, panel);
    const all = await shown(model, panel);
    const days = (figures: Figures) => Map.groupBy(Object.entries(figures), ([label]) => label.split('@')[1]);
    expect([...new Set(Object.keys(few).map((label) => label.split('@')[0]))]).toHaveLength(3);
    expect(Object.keys(few).some((label) => label.startsWith('other@'))).toBe(true);
    for (const [day, figures] of days(all)) {
      const sum = (entries: readonly [string, number][] = []) => entries.reduce((total, [, value]) => total + value, 0);
      expect([day, sum(days(few).get(day))]).toEqual([day, expect.closeTo(sum(figures), 6)]);
    }
  });

  test('a day that began before the first scrape has no bar', async () => {
    const [, model, panel] = reconciled.find(([id]) => id === 'spend-per-day-by-team') ?? [];
    if (model === undefined || panel === undefined) throw new Error('the panel is gone');
    const bars = Object.keys(await shown(model, panel, {}, 10 * DAY)).map((label) => Number(label.split('@')[1]) * 1000);
    expect(Math.min(...bars)).toBe(START);
    expect(Math.max(...bars)).toBe(START + 3 * DAY);
  });

  test.each(TRUST_PANELS.map((panel) => [panel.title, panel] as const))('%s returns data', async (_, { target }) => {
    const [series, ...more] = await queryInstant(prometheus.url, target.expr, END);
    expect(more).toEqual([]);
    expect(series?.values[0]?.[1]).toBeGreaterThanOrEqual(0);
  });

  test('the budget’s share is the ledger’s', async () => {
    const [share] = await queryInstant(prometheus.url, TRUST_PANELS[0]?.target.expr ?? '', END);
    const panel = declared.get('Spend this month');
    const spent = panel === undefined ? {} : ledgerFigures(panel, collector.reader, { nowMs: END, range: {} });
    expect(share?.values[0]?.[1]).toBeCloseTo((spent[''] ?? Number.NaN) / 1000, 6);
  });
});
