/** Annotations as Prometheus' templates: figures of other series are queried while the text is written. */
import { LABELS, SERIES } from '../../collector/catalog/names.ts';
import { duration, grouped, percent, SCOPE } from './figures.ts';
import type { RuleWords } from './rule.ts';

/** `query` pipes a template's samples into `text`; nothing comes out where there is no such series. */
const withSeries = (query: string, text: string, otherwise = ''): string => `{{ with ${query} | query }}${text}{{ else }}${otherwise}{{ end }}`;

/** PromQL, inside a template, for a series of the same budget. */
const ofBudget = (series: string, more = ''): string =>
  `printf \`${series}{${LABELS.budget}=%q,${LABELS.scope}=%q${more}}\` $labels.${LABELS.budget} $labels.${LABELS.scope}`;

const usd = (value: string): string => `{{ ${grouped(`${value} | printf "$%.2f"`)} }}`;
const tokens = (value: string): string => `{{ ${grouped(`${value} | printf "%.0f"`)} }} tokens`;
const FIRST = '. | first | value';

/** An amount of the budget, in money or in tokens, whichever it counts. */
const budgetAmount = (inUsd: string, inTokens: string, more = '', otherwise = 'unknown'): string =>
  withSeries(ofBudget(inUsd, more), usd(FIRST), withSeries(ofBudget(inTokens, more), tokens(FIRST), otherwise));

/** An instant of the budget in its zone, such as the end of its period. */
const budgetTime = (kind: string, before: string, after: string): string =>
  withSeries(ofBudget(SERIES.budgetAlertTime, `,${LABELS.kind}="${kind}"`), `${before}{{ (. | first).Labels.${LABELS.time} }}${after}`);

const AGE = `{{ with query "time() - max(${SERIES.asOf})" }}{{ ${duration('. | first | value')} }}{{ else }}an unknown time{{ end }}`;
const DATA_AGE = `The newest record is ${AGE} old.`;

const spent = budgetAmount(SERIES.budgetSpent, SERIES.budgetSpentTokens);
const limit = budgetAmount(SERIES.budgetLimit, SERIES.budgetLimitTokens);
const used = withSeries(ofBudget(SERIES.budgetUsedRatio), percent(`(${FIRST})`), 'unknown');
const quantile = (value: string): string => budgetAmount(SERIES.budgetForecast, SERIES.budgetForecastTokens, `,${LABELS.quantile}="${value}"`, '');

/** Of the contributor in whose place the template stands. */
const CHANGE = [
  `{{ with printf \`100 * ${SERIES.budgetContributorChange}{${LABELS.budget}=%q,${LABELS.scope}=%q,${LABELS.rank}=%q}\``,
  ` .Labels.${LABELS.budget} .Labels.${LABELS.scope} .Labels.${LABELS.rank} | query }}`,
  `{{ with . | first | value }}{{ if gt . 1e9 }}, new{{ else }}, {{ printf "%+.0f" . }} %{{ end }}{{ else }}, unchanged{{ end }}{{ end }}`,
].join('');
const contributor = (rank: string): string =>
  [[SERIES.budgetContributor, usd] as const, [SERIES.budgetContributorTokens, tokens] as const]
    .map(([series, amount]) =>
      withSeries(
        ofBudget(series, `,${LABELS.rank}="${rank}"`),
        `{{ with . | first }}{{ .Labels.${LABELS.value} }}: ${amount('.Value')}${CHANGE}{{ end }}`,
      ),
    )
    .join('');

const BUDGET_FIGURES = `Spent: ${spent} of ${limit} (${used}). Scope: ${SCOPE}. Period: {{ $labels.${LABELS.period} }}${budgetTime('period_end', ', ends ', '')}.`;

const FORECAST = withSeries(
  ofBudget(SERIES.budgetForecastRatio),
  `Forecast: ${quantile('0.5')} (median), ${quantile('0.9')} (90th percentile)${budgetTime('runs_out', ', runs out on ', '')}.`,
  'There is no forecast yet.',
);

const ANOMALY_FIGURES = [
  `{{ with printf \`${SERIES.anomalyFigure}{${LABELS.kind}=%q,${LABELS.scope}=%q}\` $labels.${LABELS.kind} $labels.${LABELS.scope} | query | sortByLabel "${LABELS.figure}" }}`,
  ` Figures: {{ range $index, $figure := . }}{{ if $index }}, {{ end }}{{ $figure.Labels.${LABELS.figure} | reReplaceAll "_" " " }} {{ $figure.Value | humanize }}{{ end }}.{{ end }}`,
].join('');

export const PROMETHEUS_WORDS: RuleWords = {
  percent: percent('$value'),
  usd: usd('$value'),
  duration: `{{ ${duration('$value')} }}`,
  count: '{{ $value | humanize }}',
  budget: BUDGET_FIGURES,
  budgetLines: { forecast: FORECAST, contributor_1: contributor('1'), contributor_2: contributor('2'), contributor_3: contributor('3') },
  anomaly: ANOMALY_FIGURES,
  age: DATA_AGE,
};
