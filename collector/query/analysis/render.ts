/** Facts of the ledger to the figures of an analysis. */
import { type FigureValue, figureValue } from '../../catalog/figure-values.ts';
import { fullSessionId, shownSessionId } from '../../catalog/session-ids.ts';
import { showValue } from '../../catalog/values.ts';
import type { Config } from '../../config/config.ts';
import { formatUsd, parseUsd } from '../../core/money.ts';
import type { SessionSummary } from '../../ledger/sessions.ts';
import { type PriceBook, priceAt, type TokenRates } from '../../pricing/price-book.ts';
import { daysOf, renderRange } from '../compared-range.ts';
import type { FilterHint } from '../known-values.ts';
import { dayWords } from '../range-words.ts';
import { freshnessOf, renderAmount, renderExact, renderInstant } from '../render.ts';
import { pricedTokens } from '../token-prices.ts';
import { changeRatio, largestFirst, shareOf, total } from '../totals.ts';
import type { AnalysisFigures } from './answer.ts';
import { partsOf, renderChanges, renderTop } from './changes.ts';
import { developerDay, type UserDays } from './developer-days.ts';
import { addEffects, type Effects, effectsByModel, type ModelUse } from './effects.ts';
import type { Facts, FactsRequest, PeriodFacts } from './facts.ts';
import { type UnusualDay, unusualDays } from './unusual-days.ts';

export interface RenderRequest extends FactsRequest {
  readonly limit: number;
  readonly prices: PriceBook;
  readonly config: Pick<Config, 'benchmarks'>;
  readonly hints: readonly FilterHint[];
}

const usd = (amount: FigureValue | undefined): string | null => (typeof amount === 'bigint' ? formatUsd(amount) : null);
const ratio = (value: FigureValue): number | null => (typeof value === 'number' ? value : null);

export function renderAnalysis(facts: Facts, request: RenderRequest): AnalysisFigures {
  const { range, calendar, isRunning, nowMs, hints } = request;
  const { sum } = facts.now;
  return {
    range: renderRange(range, calendar),
    time_zone: calendar.timeZone,
    is_running: isRunning,
    cost_usd: formatUsd(sum('cost')),
    requests: renderAmount('requests', sum('requests')),
    tokens: renderExact('tokens', BigInt(figureValue('tokens', sum) ?? 0n)),
    cost_usd_per_request: usd(figureValue('cost_per_request', sum)),
    cost_usd_per_million_tokens: usd(figureValue('cost_per_million_tokens', sum)),
    before: renderBefore(facts, request),
    change: facts.before === undefined ? null : renderChange(facts.now, facts.before, request),
    top: renderTops(facts, request),
    cache: {
      hit_ratio: ratio(figureValue('cache_hit_ratio', sum)),
      hit_ratio_before: facts.before === undefined ? null : ratio(figureValue('cache_hit_ratio', facts.before.sum)),
      savings_usd: usd(figureValue('cache_savings', sum)),
      miss_cost_usd: formatUsd(missCost(facts.now, ratesAt(request))),
    },
    unusual_days: renderUnusualDays(facts, request),
    developers: renderDevelopers(facts.userDays, request),
    forecast: facts.forecast === undefined ? null : renderForecast(facts.forecast),
    quality: renderQuality(facts),
    ...freshnessOf(facts.asOfMs, nowMs),
    hints: [...hints],
  };
}

function renderBefore(
  { before: facts, wholeBefore, coveredFromMs }: Facts,
  { before, beforeToDate, calendar }: RenderRequest,
): AnalysisFigures['before'] {
  return {
    range: renderRange(before, calendar),
    cost_usd: formatUsd(wholeBefore),
    is_covered: coveredFromMs === before.fromMs,
    compared: beforeToDate === undefined ? null : renderRange(beforeToDate, calendar),
    compared_usd: usd(facts?.sum('cost')),
  };
}

type RatesOf = (model: string) => TokenRates | undefined;

/** List prices that hold at the end of the range, or at present while it goes on. */
const ratesAt =
  ({ prices, range, nowMs }: RenderRequest): RatesOf =>
  (model) =>
    priceAt(prices, model, Math.min(nowMs, range.toMs))?.normal;

function renderChange(now: PeriodFacts, before: PeriodFacts, request: RenderRequest): NonNullable<AnalysisFigures['change']> {
  const [is, was] = [now.sum('cost'), before.sum('cost')];
  const models = effectsByModel(usesOf(now), usesOf(before), ratesAt(request)).sort(
    (a, b) => largestFirst(a.now, b.now) || largestFirst(a.before, b.before) || (a.model < b.model ? -1 : 1),
  );
  return {
    change_usd: formatUsd(is - was),
    change_ratio: changeRatio(is, was),
    by: {
      team: renderChanges('team', partsOf(now.byTeam, before.byTeam), request.limit),
      user: renderChanges('user', partsOf(now.byUser, before.byUser), request.limit),
      model: renderChanges('model', partsOf(costsOf(now), costsOf(before)), request.limit),
      workspace: renderChanges('workspace', partsOf(now.byWorkspace, before.byWorkspace), request.limit),
    },
    effects: {
      ...renderEffects(addEffects(models)),
      models: models.map(({ model, now: cost, before: past, ...effects }) => ({
        model: showValue('model', model),
        cost_usd: formatUsd(cost),
        before_usd: formatUsd(past),
        ...renderEffects(effects),
      })),
    },
  };
}

const renderEffects = ({ volume, modelMix, tokenMix, price }: Effects) => ({
  volume_usd: formatUsd(volume),
  model_mix_usd: formatUsd(modelMix),
  token_mix_usd: formatUsd(tokenMix),
  price_usd: formatUsd(price),
});

const usesOf = ({ byModel }: PeriodFacts): Map<string, ModelUse> =>
  new Map([...byModel].map(([model, sum]) => [model, { cost: sum('cost'), tokens: pricedTokens(sum) }]));
const costsOf = ({ byModel }: PeriodFacts): Map<string, bigint> => new Map([...byModel].map(([model, sum]) => [model, sum('cost')]));

function renderTops({ now, sessions }: Facts, { limit }: RenderRequest): AnalysisFigures['top'] {
  const top = (dimension: 'team' | 'user' | 'model' | 'workspace', costs: ReadonlyMap<string, bigint>) =>
    renderTop(dimension, partsOf(costs, new Map()), now.sum('cost'), limit);
  return {
    team: top('team', now.byTeam),
    user: top('user', now.byUser),
    model: top('model', costsOf(now)),
    workspace: top('workspace', now.byWorkspace),
    session: sessions?.map(renderSession) ?? null,
  };
}

const renderSession = ({ sessionId, user, team, workspace, lastSeenMs, cost }: SessionSummary) => ({
  session_id: shownSessionId(sessionId),
  full_id: fullSessionId(sessionId),
  user: showValue('user', user),
  team: showValue('team', team),
  workspace: showValue('workspace', workspace),
  last_seen: renderInstant(lastSeenMs),
  cost_usd: formatUsd(cost),
});

function missCost({ byModel }: PeriodFacts, ratesOf: RatesOf): bigint {
  return total(
    [...byModel].map(([model, sum]) => {
      const rates = ratesOf(model);
      if (rates === undefined) return 0n;
      const tokens = pricedTokens(sum);
      return total((['input', 'cacheWrite5m', 'cacheWrite1h'] as const).map((name) => tokens[name] * BigInt(rates[name] - rates.cacheRead)));
    }),
  );
}

function renderUnusualDays({ days, userDays }: Facts, { range, calendar, nowMs }: RenderRequest): AnalysisFigures['unusual_days'] {
  const first = Math.min(range.fromMs, ...days.keys());
  const whole = daysOf({ fromMs: first, toMs: range.toMs }, calendar).filter(({ toMs }) => toMs <= Math.min(nowMs, range.toMs));
  const found = unusualDays(
    whole.map(({ fromMs }) => ({ startMs: fromMs, cost: days.get(fromMs) ?? 0n })),
    range.fromMs,
  );
  return found.map((day) => renderDay(day, userDays.largest.get(day.startMs), calendar.timeZone));
}

type Largest = { readonly user: string; readonly cost: bigint } | undefined;

function renderDay({ startMs, kind, cost, usual, weeks }: UnusualDay, top: Largest, timeZone: string) {
  return {
    start: renderInstant(startMs),
    words: dayWords(Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone)),
    kind,
    cost_usd: formatUsd(cost),
    usual_usd: formatUsd(usual),
    times: Number((cost * 100n) / usual) / 100,
    weeks,
    top_user: top === undefined ? null : showValue('user', top.user),
    top_user_share: top === undefined ? null : shareOf(top.cost, cost),
  };
}

function renderDevelopers({ developers, costs }: UserDays, { config }: RenderRequest): AnalysisFigures['developers'] {
  const day = developerDay(costs);
  const published = (amount: number): string => formatUsd(parseUsd(String(amount)) ?? 0n);
  return {
    active: developers,
    developer_days: costs.length,
    average_usd: usd(day?.average),
    p50_usd: usd(day?.p50),
    p90_usd: usd(day?.p90),
    published: config.benchmarks.map((one) => ({
      edition: one.edition,
      average_usd: published(one.average_usd),
      p90_usd: published(one.p90_usd),
    })),
  };
}

function renderForecast(forecast: NonNullable<Facts['forecast']>): NonNullable<AnalysisFigures['forecast']> {
  if (forecast.kind === 'none') return { p50_usd: null, p90_usd: null, reason: forecast.reason };
  return { p50_usd: formatUsd(forecast.p50), p90_usd: formatUsd(forecast.p90), reason: null };
}

const renderQuality = ({ now: { sum, byTeam, byUser }, ofJobs }: Facts): AnalysisFigures['quality'] => ({
  unallocated_team: shareOf(byTeam.get('') ?? 0n, sum('cost')),
  unallocated_user: shareOf((byUser.get('') ?? 0n) - ofJobs, sum('cost')),
  unpriced: ratio(figureValue('unpriced_share', sum)),
  estimated: shareOf(sum('cost_estimated'), sum('cost')),
  unreconciled_usd: formatUsd(sum('cost_unreconciled')),
  set_aside_usd: formatUsd(sum('cost_set_aside')),
});
