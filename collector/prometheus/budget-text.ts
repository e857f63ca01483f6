/** Budgets as gauges: what each may spend, has spent and will spend, and where its thresholds lie. The alert rules and boards read them. */
import type { BudgetStatus } from '../budget-status.ts';
import { toFloatUsd } from '../money.ts';
import { LABELS, SERIES } from '../names.ts';
import { gauge, samplesText } from './families.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface AmountSeries {
  readonly usd: string;
  readonly tokens: string;
  readonly help: string;
  readonly samples: (status: BudgetStatus) => readonly (readonly [labels: Labels, amount: bigint])[];
}

const one = (amount: bigint): readonly (readonly [Labels, bigint])[] => [[{}, amount]];

/** Amounts of money and of tokens never share a series. */
const AMOUNTS: readonly AmountSeries[] = [
  {
    usd: SERIES.budgetLimit,
    tokens: SERIES.budgetLimitTokens,
    help: 'Amount of the budget that holds now, raises and what was rolled over included.',
    samples: ({ limit }) => one(limit),
  },
  {
    usd: SERIES.budgetSpent,
    tokens: SERIES.budgetSpentTokens,
    help: 'Booked in the scope of the budget since its period began.',
    samples: ({ spent }) => one(spent),
  },
  {
    usd: SERIES.budgetRemaining,
    tokens: SERIES.budgetRemainingTokens,
    help: 'What is left of the amount; negative when it is overspent.',
    samples: ({ remaining }) => one(remaining),
  },
  {
    usd: SERIES.budgetRaised,
    tokens: SERIES.budgetRaisedTokens,
    help: 'Part of the amount that was added for a time.',
    samples: ({ raised }) => one(raised),
  },
  {
    usd: SERIES.budgetForecast,
    tokens: SERIES.budgetForecastTokens,
    help: 'Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Missing while there is too little history.',
    samples: ({ forecast }) =>
      forecast.kind === 'none'
        ? []
        : [
            [{ [LABELS.quantile]: '0.5' }, forecast.p50],
            [{ [LABELS.quantile]: '0.9' }, forecast.p90],
          ],
  },
];

/** One number for each budget; undefined leaves the series out. */
const NUMBERS: readonly { readonly name: string; readonly help: string; readonly value: (status: BudgetStatus) => number | undefined }[] = [
  { name: SERIES.budgetUsedRatio, help: 'Spent over limit; 1 is exhausted.', value: ({ usedRatio }) => usedRatio },
  { name: SERIES.budgetForecastRatio, help: 'Middle of the forecast over limit.', value: forecastRatio },
  { name: SERIES.budgetWarningRatio, help: 'Lowest ratio at which a warning about actual spend fires.', value: warningRatio },
  { name: SERIES.budgetPeriodStart, help: 'When the period of the budget began, Unix time.', value: ({ periodStartMs }) => periodStartMs / 1000 },
  { name: SERIES.budgetPeriodEnd, help: 'When the period of the budget ends, Unix time.', value: ({ periodEndMs }) => periodEndMs / 1000 },
  { name: SERIES.budgetBreach, help: 'When the amount is expected to be used up, Unix time; missing when not within the period.', value: breach },
  { name: SERIES.budgetSessionWarning, help: 'Cost of a single session at which a warning fires, in USD.', value: sessionWarning },
  { name: SERIES.budgetStopped, help: '1: the amount is used up and spending beyond it is to be stopped.', value: ({ stopped }) => Number(stopped) },
];

/** Every series of the budgets. Nothing for a series that no budget has. */
export function budgetText(statuses: readonly BudgetStatus[]): string {
  const all = statuses.map((status) => ({ status, labels: labelsOf(status) }));
  const amounts = AMOUNTS.flatMap(({ usd, tokens, help, samples }) =>
    (['usd', 'tokens'] as const).map((unit) => {
      const ours = all.filter(({ status }) => status.unit === unit);
      const value = unit === 'usd' ? toFloatUsd : Number;
      const text = ours.flatMap(({ status, labels }) => samples(status).map(([more, amount]): Sample => [{ ...labels, ...more }, value(amount)]));
      return samplesText(gauge(unit === 'usd' ? usd : tokens, unit === 'usd' ? `${help} In USD.` : `${help} In tokens.`), text);
    }),
  );
  const numbers = NUMBERS.map(({ name, help, value }) =>
    samplesText(
      gauge(name, help),
      all.flatMap(({ status, labels }): Sample[] => {
        const number = value(status);
        return number === undefined ? [] : [[labels, number]];
      }),
    ),
  );
  // A period that has not begun or is over has nothing to reach.
  const thresholds = all.flatMap(({ status, labels }) =>
    (status.active ? status.thresholds : []).map(
      ({ at, on, severity }): Sample => [{ ...labels, [LABELS.on]: on, [LABELS.severity]: severity, [LABELS.at]: String(at) }, at],
    ),
  );
  return [...amounts, ...numbers, samplesText(gauge(SERIES.budgetThreshold, 'Share of the amount at which an alert fires.'), thresholds)].join('');
}

const labelsOf = ({ key, scope, team, period }: BudgetStatus): Labels => ({
  [LABELS.budget]: key,
  [LABELS.scope]: scope,
  [LABELS.team]: team,
  [LABELS.period]: period,
});

/** Cut after nine decimals like usedRatio, so that it never reaches a threshold before the status says so. */
function forecastRatio({ forecast, limit }: BudgetStatus): number | undefined {
  if (forecast.kind === 'none') return undefined;
  if (limit === 0n) return forecast.p50 > 0n ? Number.POSITIVE_INFINITY : 0;
  return Number((forecast.p50 * 1_000_000_000n) / limit) / 1e9;
}

function warningRatio({ thresholds }: BudgetStatus): number | undefined {
  const warnings = thresholds.filter(({ on, severity }) => on === 'actual' && severity === 'warning');
  return warnings.length === 0 ? undefined : Math.min(...warnings.map(({ at }) => at));
}

function sessionWarning({ sessionWarning: amount }: BudgetStatus): number | undefined {
  return amount === undefined ? undefined : toFloatUsd(amount);
}

function breach({ forecast }: BudgetStatus): number | undefined {
  return forecast.kind === 'band' && forecast.breachMs !== undefined ? forecast.breachMs / 1000 : undefined;
}
