/** Annotations as Prometheus' templates: figures of other series are queried while the text is written. */
import { LABELS, SERIES } from '../../collector/catalog/names.ts';
import type { RuleWords } from './rule.ts';

/** `query` pipes a template's samples into `text`; nothing comes out where there is no such series. */
const withSeries = (query: string, text: string, otherwise = ''): string => `{{ with ${query} | query }}${text}{{ else }}${otherwise}{{ end }}`;

/** PromQL, inside a template, for a series of the same budget. */
const ofBudget = (series: string, more = ''): string =>
  `printf \`${series}{${LABELS.budget}=%q,${LABELS.scope}=%q${more}}\` $labels.${LABELS.budget} $labels.${LABELS.scope}`;

const USD = '{{ . | first | value | printf "$%.2f" }}';
const TOKENS = '{{ . | first | value | printf "%.0f" }} tokens';

/** An amount of the budget, in money or in tokens, whichever it counts. */
const budgetAmount = (usd: string, tokens: string, more = '', otherwise = 'unknown'): string =>
  withSeries(ofBudget(usd, more), USD, withSeries(ofBudget(tokens, more), TOKENS, otherwise));

/** An instant of the budget, such as the end of its period. */
const budgetTime = (series: string, before: string, after: string): string =>
  withSeries(ofBudget(series), `${before}{{ . | first | value | humanizeTimestamp }}${after}`);

const AGE = `{{ with query "time() - max(${SERIES.asOf})" }}{{ . | first | value | humanizeDuration }}{{ else }}an unknown time{{ end }}`;
const DATA_AGE = `The ledger's newest record is ${AGE} old.`;

const spent = budgetAmount(SERIES.budgetSpent, SERIES.budgetSpentTokens);
const limit = budgetAmount(SERIES.budgetLimit, SERIES.budgetLimitTokens);
const used = withSeries(ofBudget(SERIES.budgetUsedRatio), '{{ . | first | value | humanizePercentage }}', 'unknown');
const quantile = (value: string): string => budgetAmount(SERIES.budgetForecast, SERIES.budgetForecastTokens, `,${LABELS.quantile}="${value}"`, '');

const BUDGET_FIGURES = [
  `{{ $labels.${LABELS.scope} }} has spent ${spent} of ${limit} (${used}) in this period ({{ $labels.${LABELS.period} }}).`,
  budgetTime(SERIES.budgetPeriodEnd, 'The period ends ', '.'),
  withSeries(
    ofBudget(SERIES.budgetForecastRatio),
    `Forecast: ${quantile('0.5')} (median), ${quantile('0.9')} (90th percentile)${budgetTime(SERIES.budgetBreach, ', runs out on ', '')}.`,
    'There is no forecast yet.',
  ),
  DATA_AGE,
].join(' ');

const ANOMALY_FIGURES = [
  ` Figures:{{ range printf \`${SERIES.anomalyFigure}{${LABELS.kind}=%q,${LABELS.scope}=%q}\` $labels.${LABELS.kind} $labels.${LABELS.scope}`,
  ` | query | sortByLabel "${LABELS.figure}" }} {{ .Labels.${LABELS.figure} }} {{ .Value | humanize }};{{ end }}`,
].join('');

export const PROMETHEUS_WORDS: RuleWords = {
  percent: '{{ $value | humanizePercentage }}',
  usd: '{{ $value | printf "$%.2f" }}',
  duration: '{{ $value | humanizeDuration }}',
  count: '{{ $value | humanize }}',
  budget: BUDGET_FIGURES,
  anomaly: ANOMALY_FIGURES,
  age: DATA_AGE,
};
