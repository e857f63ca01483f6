/** An analysis in plain words, for people and for what reads aloud to them: from the figures of the answer alone. */
import { displayUsd, parseUsd } from '../../core/money.ts';
import type { AnalysisFigures } from './answer.ts';

type Sentences = readonly (string | undefined)[];

export function sentencesOf(figures: AnalysisFigures): string[] {
  const sentences: Sentences = [
    headline(figures),
    coverage(figures),
    forecast(figures),
    ...why(figures),
    top(figures),
    session(figures),
    cache(figures),
  ];
  const more: Sentences = [developers(figures), ...figures.unusual_days.map(unusualDay), ...quality(figures)];
  return [...sentences, ...more].filter((sentence) => sentence !== undefined);
}

const amount = (text: string | null): bigint => parseUsd(text ?? '0') ?? 0n;
const usd = (text: string | null): string => displayUsd(amount(text));
/** With its sign. */
const change = (text: string): string => (amount(text) < 0n ? usd(text) : `+${usd(text)}`);
const magnitude = (text: string): bigint => (amount(text) < 0n ? -amount(text) : amount(text));

/** 0.345 as "35 %", 0.0345 as "3.5 %". */
function percent(share: number): string {
  const value = Math.abs(share) * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} %`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function headline({ range, cost_usd, is_running, before, change }: AnalysisFigures): string {
  const subject = `${capital(range.words)}${is_running ? ' so far' : ''}`;
  const spend = amount(cost_usd) === 0n ? `${subject}: no spend` : `${subject}: ${usd(cost_usd)}`;
  if (before.compared === null || change === null) return `${spend}.`;
  const past = `${before.range.words}${is_running ? ' up to the same time' : ''}`;
  if (amount(before.compared_usd) === 0n) return `${spend}; nothing in ${past}.`;
  if (amount(change.change_usd) === 0n) return `${spend}, as much as in ${past}.`;
  const direction = amount(change.change_usd) > 0n ? 'more' : 'less';
  // Below zero, before has no part to be more or less by.
  const by = change.change_ratio === null ? displayUsd(magnitude(change.change_usd)) : percent(change.change_ratio);
  return `${spend}, ${by} ${direction} than the ${usd(before.compared_usd)} of ${past}.`;
}

function coverage({ before, as_of }: AnalysisFigures): string | undefined {
  return before.is_covered || as_of === null
    ? undefined
    : `The ledger begins after the start of ${before.range.words}, so there is nothing to compare with.`;
}

function forecast({ range, is_running, before, forecast: expected }: AnalysisFigures): string | undefined {
  if (!is_running) return undefined;
  const past = before.is_covered ? `All of ${before.range.words} cost ${usd(before.cost_usd)}. ` : '';
  if (expected === null || expected.p50_usd === null) return past === '' ? undefined : past.trim();
  return `${past}The forecast for all of ${range.words} is ${usd(expected.p50_usd)}, and with 90 % likelihood at most ${usd(expected.p90_usd)}.`;
}

const EFFECTS = [
  ['volume_usd', 'more tokens', 'fewer tokens'],
  ['model_mix_usd', 'more expensive models', 'cheaper models'],
  ['token_mix_usd', 'more expensive kinds of tokens (less cache, more output)', 'cheaper kinds of tokens (more cache, less output)'],
  ['price_usd', 'higher cost for the same kind of token', 'lower cost for the same kind of token'],
] as const;

/** Parts below this share of the largest are not worth a word. */
const WORTH_PERCENT = 2n;

function why({ change: changed }: AnalysisFigures): Sentences {
  if (changed === null || amount(changed.change_usd) === 0n) return [];
  const { effects, by, change_usd } = changed;
  const largest = EFFECTS.reduce((most, [name]) => (magnitude(effects[name]) > most ? magnitude(effects[name]) : most), 0n);
  const parts = EFFECTS.filter(([name]) => magnitude(effects[name]) * 100n >= largest * WORTH_PERCENT && magnitude(effects[name]) > 0n)
    .toSorted(([a], [b]) => (magnitude(effects[b]) > magnitude(effects[a]) ? 1 : -1))
    .map(([name, more, less]) => `${change(effects[name])} for ${amount(effects[name]) > 0n ? more : less}`);
  const contributors = (['team', 'user', 'model', 'workspace'] as const).flatMap((dimension) =>
    by[dimension].rows.slice(0, 1).map(({ value, change_usd }) => `${dimension} ${value} (${change(change_usd)})`),
  );
  return [
    parts.length === 0 ? undefined : `The change of ${change(change_usd)} is ${listed(parts)}.`,
    contributors.length === 0 ? undefined : `Largest changes: ${listed(contributors)}.`,
  ];
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

function top({ top }: AnalysisFigures): string | undefined {
  const largest = (['team', 'user', 'model', 'workspace'] as const).flatMap((dimension) =>
    top[dimension]
      .slice(0, 1)
      .map(({ value, cost_usd, share }) => `${dimension} ${value} with ${usd(cost_usd)}${share === null ? '' : ` (${percent(share)})`}`),
  );
  return largest.length === 0 ? undefined : `Most was spent by ${listed(largest)}.`;
}

function session({ top }: AnalysisFigures): string | undefined {
  const [first] = top.session ?? [];
  return first === undefined ? undefined : `The most expensive session, ${first.session_id} of ${first.user}, cost ${usd(first.cost_usd)}.`;
}

function cache({ cache: { hit_ratio, hit_ratio_before, savings_usd, miss_cost_usd } }: AnalysisFigures): string | undefined {
  if (hit_ratio === null) return undefined;
  const past = hit_ratio_before === null ? '' : ` (${percent(hit_ratio_before)} before)`;
  if (savings_usd === null)
    return `${percent(hit_ratio)} of input tokens came from the prompt cache${past}; what that saved is unknown, since no model has a list price.`;
  const saved =
    amount(savings_usd) < 0n ? `which cost ${displayUsd(-amount(savings_usd))} more than none would have` : `which saved ${usd(savings_usd)}`;
  return `${percent(hit_ratio)} of input tokens came from the prompt cache${past}, ${saved} at list price; what did not come from it cost ${usd(miss_cost_usd)} more than cache reads would have.`;
}

function developers({ developers: { active, developer_days, average_usd, p90_usd, published } }: AnalysisFigures): string | undefined {
  if (average_usd === null) return undefined;
  const others = published.map(({ edition, average_usd, p90_usd }) => `${usd(average_usd)} and ${usd(p90_usd)} (${edition})`);
  const beside = others.length === 0 ? '' : ` Published figures are ${listed(others)}.`;
  const who = active === 1 ? '1 developer was active' : `${active.toLocaleString('en')} developers were active`;
  const days = developer_days === 1 ? '1 developer day' : `${developer_days.toLocaleString('en')} developer days`;
  return `${who}. Over ${days}, a day cost ${usd(average_usd)} on average, and at most ${usd(p90_usd)} on 90 % of them.${beside}`;
}

function unusualDay({ words, kind, cost_usd, usual_usd, times, top_user, top_user_share }: AnalysisFigures['unusual_days'][number]): string {
  if (kind === 'low') return `${words} was unusually low: ${usd(cost_usd)} instead of the usual ${usd(usual_usd)} of its weekday.`;
  const who = top_user === null || top_user_share === null ? '' : `; ${percent(top_user_share)} of it by ${top_user}`;
  return `${words} was unusually high: ${usd(cost_usd)}, ${times} times the usual ${usd(usual_usd)} of its weekday${who}.`;
}

/** Shares below this are said in figures alone. */
const NOTED = 0.005;

function quality({ quality: shares }: AnalysisFigures): Sentences {
  const noted = (share: number | null, words: string) => (share !== null && share >= NOTED ? `${percent(share)} ${words}` : undefined);
  const parts = [
    noted(shares.unallocated_team, 'of the cost has no team'),
    noted(shares.unallocated_user, 'of the cost has no user'),
    noted(shares.unpriced, 'of the tokens have no list price'),
    noted(shares.estimated, 'of the cost is estimated at list price'),
  ].filter((part) => part !== undefined);
  const aside = [
    amount(shares.unreconciled_usd) === 0n ? undefined : `${usd(shares.unreconciled_usd)} is held back, because it may be reported twice`,
    amount(shares.set_aside_usd) === 0n ? undefined : `${usd(shares.set_aside_usd)} is set aside, because it is dated outside the ingest window`,
  ].filter((part) => part !== undefined);
  return [parts.length === 0 ? undefined : `${capital(listed(parts))}.`, aside.length === 0 ? undefined : `Not in these figures: ${listed(aside)}.`];
}
