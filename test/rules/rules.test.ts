/** The generated files in the eyes of the tools that will read them: syntax, and each alert fires, stays quiet and resolves. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { SELF_SERIES, SERIES } from '../../collector/names.ts';
import { ALERTS } from '../../collector/alert-names.ts';
import { describeWithBackend, runTool } from '../support/backends.ts';

const GENERATED = join(import.meta.dirname, '../../dashboards/generated');
const RULES = 'ledgerline-rules.yaml';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledgerline-rules-'));
  await cp(join(GENERATED, 'prometheus'), folder, { recursive: true });
  await cp(join(GENERATED, 'alertmanager'), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Expectation {
  readonly alert: string;
  /** When, and for which labels the alert fires then; none means it is quiet. */
  readonly at: string;
  readonly firing?: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
}

/** Runs `promtool test rules`: series in Prometheus' notation, one value for each interval, and what must be true when. */
async function rulesTest(series: Readonly<Record<string, string>>, expectations: readonly Expectation[], interval = '1m'): Promise<void> {
  const unit = {
    rule_files: [RULES],
    evaluation_interval: interval,
    tests: [
      {
        interval,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: expectations.map(({ alert, at, firing }) => ({
          alertname: alert,
          eval_time: at,
          exp_alerts: firing === undefined ? [] : [{ exp_labels: firing.labels, exp_annotations: firing.annotations }],
        })),
      },
    ],
  };
  await writeFile(join(folder, 'test.yaml'), stringify(unit));
  const { code, output } = await runTool('promtool', ['test', 'rules', 'test.yaml'], folder);
  if (code !== 0) throw new Error(output);
}

const labels = { budget: 'platform', scope: 'team=platform', period: 'month' };
const budgetSeries = (name: string) => `${name}{budget="platform",scope="team=platform",period="month"}`;

/** A budget of 1,000 USD whose spend takes these values, one a minute. */
function budget(spent: readonly number[], limit = 1_000): Record<string, string> {
  return {
    [budgetSeries(SERIES.budgetSpent)]: spent.join(' '),
    [budgetSeries(SERIES.budgetLimit)]: spent.map(() => limit).join(' '),
    [budgetSeries(SERIES.budgetUsedRatio)]: spent.map((usd) => usd / limit).join(' '),
    [budgetSeries(SERIES.budgetWarningRatio)]: spent.map(() => 0.8).join(' '),
    // promtool's clock starts at the epoch: the period ends after one day.
    [budgetSeries(SERIES.budgetPeriodEnd)]: spent.map(() => 86_400).join(' '),
    [SERIES.asOf]: spent.map((_, minute) => minute * 60 - 30).join(' '),
  };
}

const figures = (spent: string, percent: string) =>
  `team=platform has spent $${spent} of $1000.00 (${percent}) this month. The period ends 1970-01-02 00:00:00 +0000 UTC. The ledger's newest record came 30s ago.`;
const runbook = (alert: string) => ({ runbook_url: `dashboards/runbooks/${alert}.md` });

const warning = (spent: string, percent: string) => ({
  labels: { ...labels, severity: 'warning' },
  annotations: { summary: `Budget platform: ${percent} used.`, description: figures(spent, percent), ...runbook(ALERTS.budgetWarning) },
});
const exhausted = (spent: string, percent: string) => ({
  labels: { ...labels, severity: 'critical' },
  annotations: {
    summary: `Budget platform is exhausted: ${percent} used.`,
    description: figures(spent, percent),
    ...runbook(ALERTS.budgetExhausted),
  },
});

describeWithBackend('promtool', 'the generated rules', () => {
  test('are rules Prometheus accepts', async () => {
    const { code, output } = await runTool('promtool', ['check', 'rules', RULES], folder);
    expect([code, output]).toEqual([0, expect.stringContaining('5 rules found')]);
  });

  test('belong to a configuration Prometheus accepts', async () => {
    const { code, output } = await runTool('promtool', ['check', 'config', 'prometheus.yaml'], folder);
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  test('a warning fires at the threshold, not a cent before, and tells the figures', () =>
    rulesTest(budget([100, 799.99, 800, 800]), [
      { alert: ALERTS.budgetWarning, at: '1m' },
      { alert: ALERTS.budgetWarning, at: '2m', firing: warning('800.00', '80%') },
      { alert: ALERTS.budgetExhausted, at: '3m' },
    ]));

  test('an exhausted budget is critical from 100 %, while the warning goes on', () =>
    rulesTest(budget([999.99, 1_000, 1_234]), [
      { alert: ALERTS.budgetExhausted, at: '0m' },
      { alert: ALERTS.budgetExhausted, at: '1m', firing: exhausted('1000.00', '100%') },
      { alert: ALERTS.budgetExhausted, at: '2m', firing: exhausted('1234.00', '123.4%') },
      { alert: ALERTS.budgetWarning, at: '2m', firing: warning('1234.00', '123.4%') },
    ]));

  test('both resolve ten minutes after a new period began', () =>
    rulesTest(budget([1_200, 1_200, ...Array.from({ length: 20 }, () => 5)]), [
      { alert: ALERTS.budgetExhausted, at: '1m', firing: exhausted('1200.00', '120%') },
      { alert: ALERTS.budgetExhausted, at: '13m' },
      { alert: ALERTS.budgetWarning, at: '13m' },
    ]));

  test('a gap in scraping does not resolve a budget alert', () => {
    const series = Object.entries(budget([1_200])).map(([name, value]) => [name, `${value} stale _x8 ${value}`]);
    return rulesTest(Object.fromEntries(series), [{ alert: ALERTS.budgetExhausted, at: '8m', firing: exhausted('1200.00', '120%') }]);
  });

  test('a collector that cannot be read is reported after five minutes, and no sooner', () =>
    rulesTest({ [`${SERIES.buildInfo}{version="1"}`]: `1 1 stale ${'_ '.repeat(10)} 1 1` }, [
      { alert: ALERTS.collectorDown, at: '6m' },
      {
        alert: ALERTS.collectorDown,
        at: '7m',
        firing: {
          labels: { severity: 'critical' },
          annotations: {
            summary: 'Prometheus cannot read the Ledgerline collector.',
            description:
              'No scrape of /metrics has succeeded for at least 5 minutes. While the collector is down, Claude Code drops what it cannot deliver.',
            ...runbook(ALERTS.collectorDown),
          },
        },
      },
      { alert: ALERTS.collectorDown, at: '14m' },
    ]));

  test('silence is reported where the same hours a week ago were busy, and resolves with the next record', () => {
    const week = 7 * 24 * 60;
    const series = `0+300x${week / 5} ${week * 60}x29 ${(week + 152) * 60}x3`;
    const expectations = [
      { alert: ALERTS.telemetryStopped, at: `${week + 120}m` },
      { alert: ALERTS.telemetryStopped, at: `${week + 130}m`, firing: stopped('2h 10m 0s') },
      { alert: ALERTS.telemetryStopped, at: `${week + 160}m` },
    ];
    return rulesTest({ [SERIES.asOf]: series }, expectations, '5m');
  });

  test('a silent night after a silent night is nobody’s alarm, three silent days are', () => {
    const expectations = [
      { alert: ALERTS.telemetryStopped, at: '12h' },
      { alert: ALERTS.telemetryStopped, at: '73h', firing: stopped('3d 1h 0m 0s') },
    ];
    return rulesTest({ [SERIES.asOf]: `0x${4 * 24 * 12}` }, expectations, '5m');
  });

  test('records that came again with other content are reported, and forgotten after an hour', () =>
    rulesTest({ [`${SELF_SERIES.ledgerConflicts}_total`]: '0x5 1x100' }, [
      { alert: ALERTS.ledgerConflicts, at: '4m' },
      {
        alert: ALERTS.ledgerConflicts,
        at: '65m',
        firing: {
          labels: { severity: 'warning' },
          annotations: {
            summary: 'Records came again with other content.',
            description: 'In the last hour about 1 came with the identity of an earlier record and other amounts. They are not in the totals.',
            ...runbook(ALERTS.ledgerConflicts),
          },
        },
      },
      { alert: ALERTS.ledgerConflicts, at: '80m' },
    ]));
});

const stopped = (age: string) => ({
  labels: { severity: 'warning' },
  annotations: {
    summary: `No telemetry has arrived for ${age}.`,
    description: `The collector answers, but the ledger has booked nothing for ${age}. Spend since then is not known, and no budget can warn.`,
    ...runbook(ALERTS.telemetryStopped),
  },
});

describeWithBackend('amtool', 'the generated Alertmanager configuration', () => {
  test('is one Alertmanager accepts', async () => {
    const { code, output } = await runTool('amtool', ['check-config', 'alertmanager.yaml'], folder);
    expect([code, output]).toEqual([0, expect.stringContaining('1 inhibit rules')]);
  });

  test.each([
    ['a budget', ['budget=platform', 'severity=critical']],
    ['the collector', ['alertname=LedgerlineCollectorDown', 'severity=critical']],
  ])('sends alerts about %s to the webhook', async (_, given) => {
    const { code, output } = await runTool('amtool', ['config', 'routes', 'test', '--config.file=alertmanager.yaml', ...given], folder);
    expect([code, output.trim().split('\n').at(-1)]).toEqual([0, 'webhook']);
  });
});
