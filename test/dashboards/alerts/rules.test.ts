/** The generated rules in the eyes of promtool: syntax, each alert fires, stays quiet and resolves, and each knob moves what it says. */

import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { linkBases } from '../../../collector/catalog/alert-links.ts';
import { ALERTS } from '../../../collector/catalog/alert-names.ts';
import { SELF_SERIES, SERIES } from '../../../collector/catalog/names.ts';
import { exposedSeries, periodSeries } from '../../../collector/catalog/series-families.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { alertFiles, RULE_FILE } from '../../../dashboards/alerts/files.ts';
import { alertRules } from '../../../dashboards/alerts/rules.ts';
import { describeWithBackend, runTool } from '../../support/backends.ts';
import { ALERT_CASES, type AlertCase, budget, NO_ADDRESS, threshold } from './cases.ts';
import { testRules } from './promtool.ts';

const ROOT = join(import.meta.dirname, '../../..');
const GENERATED = join(ROOT, 'dashboards/generated/prometheus');
const RULES = readFileSync(join(GENERATED, RULE_FILE), 'utf8');

/** The rule file of an operator who set these keys of `alerts:`. */
const rulesWith = (alerts: object): string => [...alertFiles('rules', configSchema.parse({ alerts }), 'x').values()].join('');
const caseOf = (alert: string): AlertCase => {
  const found = ALERT_CASES.find((candidate) => candidate.alert === alert);
  if (found === undefined) throw new Error(`no case for ${alert}`);
  return found;
};

describe('the alerts', () => {
  const rules = alertRules(configSchema.parse({}).alerts, NO_ADDRESS).groups.flatMap((group) => group.rules);

  test('each have a rule, a case that promtool runs, and a runbook', () => {
    const names = Object.values(ALERTS).sort();
    expect(rules.map(({ alert }) => alert).sort()).toEqual(names);
    expect([...new Set(ALERT_CASES.map(({ alert }) => alert))].sort()).toEqual(names);
    for (const { annotations } of rules)
      expect([annotations.runbook_url, existsSync(join(ROOT, `dashboards${annotations.runbook_url}.md`))]).toEqual([annotations.runbook_url, true]);
  });

  /** Text of every node of a kind in a PromQL expression. */
  const nodes = (expr: string, kind: string): string[] => {
    const found: string[] = [];
    parser.parse(expr).iterate({ enter: (node) => void (node.name === kind && found.push(expr.slice(node.from, node.to))) });
    return found;
  };

  test('ask only for series that the collector exposes, and never extrapolate money', () => {
    const exposed = ['ledgerline_model_unpriced_tokens', 'ledgerline_model_tokens', 'ledgerline_team_cost_period_usd'];
    const series = new Set<string>([...Object.values(SERIES), ...Object.values(SELF_SERIES).map((name) => `${name}_total`), ...exposed]);
    for (const { alert, expr } of rules) {
      expect([alert, nodes(expr, 'Identifier').filter((name) => !series.has(name))]).toEqual([alert, []]);
      const extrapolated = /\b(?:rate|irate|increase|delta|deriv)\((\w+)/.exec(expr)?.[1];
      expect([alert, extrapolated === undefined || extrapolated.startsWith('ledgerline_ledger_')]).toEqual([alert, true]);
    }
    expect(new Set([exposedSeries('model', 'unpriced_tokens').name, exposedSeries('model', 'input_tokens').name, periodSeries('team')])).toEqual(
      new Set(exposed),
    );
  });

  test('say in each runbook what they mean and what to do', () => {
    for (const { alert } of rules) {
      const text = readFileSync(join(ROOT, 'dashboards/runbooks', `${alert}.md`), 'utf8');
      expect(text.startsWith(`# ${alert}\n`)).toBe(true);
      expect([alert, text.includes('**Meaning.**'), text.includes('**What to do.**')]).toEqual([alert, true, true]);
    }
  });
});

describeWithBackend('promtool', 'the generated rules', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledgerline-rules-'));
    await cp(GENERATED, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('are rules and a configuration that Prometheus accepts', async () => {
    expect(await runTool('promtool', ['check', 'rules', RULE_FILE], folder)).toMatchObject({
      code: 0,
      output: expect.stringContaining('20 rules found'),
    });
    expect(await runTool('promtool', ['check', 'config', 'prometheus.yaml'], folder)).toMatchObject({
      code: 0,
      output: expect.stringContaining('SUCCESS'),
    });
  });

  test.each(ALERT_CASES)(
    'tell of $title: quiet before, with all its words while it holds, and over after',
    ({ alert, series, interval, quiet, fires, resolved }) =>
      testRules(
        RULES,
        series,
        [
          { alert, at: quiet, firing: [] },
          { alert, at: fires.at, firing: fires.firing },
          { alert, at: resolved, firing: [] },
        ],
        interval,
      ),
  );

  test('do not take a gap in scraping for money that came back', () => {
    const series = Object.entries(budget([850])).map(([name, value]) => [name, name === SERIES.asOf ? value : `${value} stale _x8 ${value}`]);
    return testRules(RULES, Object.fromEntries(series), [
      {
        alert: ALERTS.budgetThreshold,
        at: '0m',
        firing: [threshold('info', '0.5', '850.00', '85 %'), threshold('warning', '0.8', '850.00', '85 %')],
      },
      {
        alert: ALERTS.budgetThreshold,
        at: '8m',
        firing: [threshold('info', '0.5', '850.00', '85 %'), threshold('warning', '0.8', '850.00', '85 %')],
      },
    ]);
  });

  test('tell token budgets in tokens', async () => {
    const labels = 'budget="cache",scope="everything",period="day"';
    const series = {
      [`${SERIES.budgetSpentTokens}{${labels}}`]: '2500000',
      [`${SERIES.budgetLimitTokens}{${labels}}`]: '2000000',
      [`${SERIES.budgetUsedRatio}{${labels}}`]: '1.25',
      [`${SERIES.budgetPeriodEnd}{${labels}}`]: '86400',
      [`${SERIES.budgetThreshold}{${labels},on="actual",severity="critical",at="1"}`]: '1',
      [SERIES.asOf]: '-30',
    };
    await expect(testRules(RULES, series, [{ alert: ALERTS.budgetThreshold, at: '0m', firing: [] }])).rejects.toThrow(
      'Spent: 2,500,000 tokens of 2,000,000 tokens (125 %). Scope: everything. Period: day.',
    );
  });

  test.each([
    ['0.89999', 'Budget tiny: 89.9 % used.'],
    ['0.005', 'Budget tiny: 0.5 % used.'],
    ['1', 'Budget tiny: 100 % used.'],
    ['12.34567', 'Budget tiny: 1,234.5 % used.'],
    ['12345.6789', 'Budget tiny: 1,234,567.8 % used.'],
    ['+Inf', 'Budget tiny: all used.'],
  ])('write a share of %s as people read it', async (used, summary) => {
    const labels = 'budget="tiny",scope="everything",period="day"';
    const series = {
      [`${SERIES.budgetUsedRatio}{${labels}}`]: used,
      [`${SERIES.budgetThreshold}{${labels},on="actual",severity="critical",at="0.001"}`]: '0.001',
    };
    await expect(testRules(RULES, series, [{ alert: ALERTS.budgetThreshold, at: '0m', firing: [] }])).rejects.toThrow(summary);
  });

  describe('of telemetry that stopped', () => {
    const WEEK = 7 * 24;
    const alert = ALERTS.telemetryStopped;
    /** Six samples an hour, with work from 8 to 18 on every day until `stops`. */
    const workUntil = (stops: number, until: number): Record<string, string> => {
      const isAtWork = (hour: number): boolean => hour < stops && hour % 24 >= 8 && hour % 24 < 18;
      let newest = 0;
      const values = Array.from({ length: until * 6 }, (_, index) => {
        if (isAtWork(index / 6)) newest = index * 600;
        return newest;
      });
      return { [SERIES.asOf]: values.join(' ') };
    };
    const firing = (series: Record<string, string>, hour: number) =>
      expect(testRules(RULES, series, [{ alert, at: `${(WEEK + hour) * 60}m`, firing: [] }], '10m')).rejects.toThrow('No telemetry has arrived for');
    const quiet = (series: Record<string, string>, hour: number) =>
      testRules(RULES, series, [{ alert, at: `${(WEEK + hour) * 60}m`, firing: [] }], '10m');

    test('count two silent hours only where the same hours a week ago were busy, and go on at night', async () => {
      const broken = workUntil(WEEK + 14, WEEK + 48);
      await Promise.all([quiet(broken, 15), firing(broken, 17), firing(broken, 23), firing(broken, 32)]);
    });

    test('leave out who begins a little later or leaves a little earlier than a week ago', async () => {
      const early = workUntil(WEEK + 17.5, WEEK + 24);
      const late = workUntil(WEEK, WEEK + 24);
      await Promise.all([quiet(early, 19), quiet(early, 20), quiet(early, 23), quiet(late, 8.5), firing(late, 11)]);
    });
  });

  describe('with other settings', () => {
    const moved = async (alert: string, alerts: object, at: string): Promise<void> => {
      const { series, interval } = caseOf(alert);
      const expectation = [{ alert, at, firing: [] }];
      await testRules(rulesWith(alerts), series, expectation, interval);
      await expect(testRules(RULES, series, expectation, interval)).rejects.toThrow(alert);
    };

    test('unpriced_share moves when unpriced tokens are told', () => moved(ALERTS.unpriced, { unpriced_share: 0.1 }, '26h'));
    test('unallocated_share moves when spend without a team is told', () => moved(ALERTS.unallocated, { unallocated_share: 0.3 }, '70m'));
    test('silence_days moves when silence is told', () => moved(ALERTS.telemetryStopped, { silence_days: 5 }, '75h'));
    test('keep_firing_minutes moves when a budget alert resolves', () => moved(ALERTS.budgetThreshold, { keep_firing_minutes: 0 }, '3m'));

    test('interval_seconds, grafana_url and runbooks_url are in every rule', () => {
      const given = { interval_seconds: 15, grafana_url: 'https://grafana.example.com/', runbooks_url: 'https://wiki.example.com/runbooks' };
      const config = configSchema.parse({ alerts: given });
      const { groups } = alertRules(config.alerts, linkBases(config));
      expect(groups.map(({ interval }) => interval)).toEqual(groups.map(() => '15s'));
      for (const { annotations, alert } of groups.flatMap(({ rules }) => rules)) {
        expect(annotations.dashboard_url).toMatch(
          /^(\{\{ if \$labels\.team \}\})?https:\/\/grafana\.example\.com\/d\/ledgerline-[a-z]+(\?var-team=\{\{|$)/,
        );
        expect(annotations.runbook_url).toBe(`https://wiki.example.com/runbooks/${alert}.md`);
      }
    });

    test('silence_hours moves the hours that are compared', () => {
      const expressions = (hours: number) => rulesWith({ silence_hours: hours });
      expect(expressions(4)).toContain(`> ${4 * 3_600} and min_over_time(max(changes(${SERIES.asOf}[1h] offset 1w))[185m:5m]) > 0`);
      expect(expressions(2)).not.toContain('[185m:5m]');
    });
  });
});
