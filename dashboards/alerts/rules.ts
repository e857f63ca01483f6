/**
 * Prometheus alerting rules over the budget gauges. They name no budget: whatever ledgerline.yaml holds is watched,
 * and each budget's own threshold is a series. Why gauges and not spend added up in PromQL: see grafana/promql.ts.
 */
import { LABELS, PRODUCT, SELF_SERIES, SERIES } from '../../collector/names.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly AlertRule[] }[];
}

export const ALERTS = {
  budgetWarning: 'LedgerlineBudgetWarning',
  budgetExhausted: 'LedgerlineBudgetExhausted',
  collectorDown: 'LedgerlineCollectorDown',
  telemetryStopped: 'LedgerlineTelemetryStopped',
  ledgerConflicts: 'LedgerlineLedgerConflicts',
} as const;
export type AlertName = (typeof ALERTS)[keyof typeof ALERTS];

export interface RuleOptions {
  /** Where the runbooks can be read: a folder of the repository or its web address. */
  readonly runbooks: string;
}

/** A gap in scraping must not look like money that came back, so a budget alert outlives one. */
const KEEP_FIRING = '10m';
const SILENT_SECONDS = 2 * 3_600;
const SILENT_ALWAYS_SECONDS = 3 * 86_400;

export function alertRules(options: RuleOptions): RuleFile {
  return {
    groups: [
      { name: `${PRODUCT}-budgets`, rules: [budgetWarning(options), budgetExhausted(options)] },
      { name: `${PRODUCT}-health`, rules: [collectorDown(options), telemetryStopped(options), ledgerConflicts(options)] },
    ],
  };
}

function rule(options: RuleOptions, alert: AlertName, severity: 'warning' | 'critical', parts: Omit<AlertRule, 'alert' | 'labels'>): AlertRule {
  const { annotations, ...timing } = parts;
  return { alert, ...timing, labels: { severity }, annotations: { ...annotations, runbook_url: `${options.runbooks}/${alert}.md` } };
}

/** The value of another series of the same budget, inside an annotation. */
const figure = (series: string, format: string): string => {
  const query = `printf \`${series}{${LABELS.budget}=%q,${LABELS.scope}=%q}\` $labels.${LABELS.budget} $labels.${LABELS.scope}`;
  return `{{ with ${query} | query }}{{ . | first | value | ${format} }}{{ else }}unknown{{ end }}`;
};

const USD = 'printf "%.2f"';
const AGE = `{{ with query "time() - max(${SERIES.asOf})" }}{{ . | first | value | humanizeDuration }}{{ else }}an unknown time{{ end }}`;
const FIGURES = [
  `{{ $labels.${LABELS.scope} }} has spent $${figure(SERIES.budgetSpent, USD)} of $${figure(SERIES.budgetLimit, USD)}`,
  `({{ $value | humanizePercentage }}) this {{ $labels.${LABELS.period} }}.`,
  `The period ends {{ with printf \`${SERIES.budgetPeriodEnd}{${LABELS.budget}=%q,${LABELS.scope}=%q}\` $labels.${LABELS.budget} $labels.${LABELS.scope} | query }}{{ . | first | value | humanizeTimestamp }}{{ end }}.`,
  `The ledger's newest record came ${AGE} ago.`,
].join(' ');

function budgetWarning(options: RuleOptions): AlertRule {
  return rule(options, ALERTS.budgetWarning, 'warning', {
    expr: `${SERIES.budgetUsedRatio} >= ${SERIES.budgetWarningRatio}`,
    keep_firing_for: KEEP_FIRING,
    annotations: {
      summary: `Budget {{ $labels.${LABELS.budget} }}: {{ $value | humanizePercentage }} used.`,
      description: FIGURES,
    },
  });
}

function budgetExhausted(options: RuleOptions): AlertRule {
  return rule(options, ALERTS.budgetExhausted, 'critical', {
    expr: `${SERIES.budgetUsedRatio} >= 1`,
    keep_firing_for: KEEP_FIRING,
    annotations: {
      summary: `Budget {{ $labels.${LABELS.budget} }} is exhausted: {{ $value | humanizePercentage }} used.`,
      description: FIGURES,
    },
  });
}

function collectorDown(options: RuleOptions): AlertRule {
  return rule(options, ALERTS.collectorDown, 'critical', {
    expr: `absent(${SERIES.buildInfo})`,
    for: '5m',
    annotations: {
      summary: 'Prometheus cannot read the Ledgerline collector.',
      description:
        'No scrape of /metrics has succeeded for at least 5 minutes. While the collector is down, Claude Code drops what it cannot deliver.',
    },
  });
}

/** Nights and weekends are quiet: two silent hours count only where the same hours a week ago were not. */
function telemetryStopped(options: RuleOptions): AlertRule {
  const age = `time() - max(${SERIES.asOf})`;
  const busyLastWeek = `max(changes(${SERIES.asOf}[${SILENT_SECONDS / 3_600}h] offset 1w)) > 0`;
  return rule(options, ALERTS.telemetryStopped, 'warning', {
    expr: `((${age}) > ${SILENT_SECONDS} and (${busyLastWeek})) or (${age}) > ${SILENT_ALWAYS_SECONDS}`,
    for: '5m',
    annotations: {
      summary: 'No telemetry has arrived for {{ $value | humanizeDuration }}.',
      description:
        'The collector answers, but the ledger has booked nothing for {{ $value | humanizeDuration }}. Spend since then is not known, and no budget can warn.',
    },
  });
}

function ledgerConflicts(options: RuleOptions): AlertRule {
  return rule(options, ALERTS.ledgerConflicts, 'warning', {
    expr: `sum(increase(${SELF_SERIES.ledgerConflicts}_total[1h])) > 0`,
    annotations: {
      summary: 'Records came again with other content.',
      description:
        'In the last hour about {{ $value | humanize }} came with the identity of an earlier record and other amounts. They are not in the totals.',
    },
  });
}
