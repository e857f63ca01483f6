/** Gauges of budgets as plain computations over the raw entries, from docs/budgets.md and what their help says. No code of the gauges is used. */
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { type Asked, DAY, stored } from './asked.ts';
import type { Samples } from './instants.ts';

type Unit = 'day' | 'week' | 'month' | 'quarter';
type Scoped = 'organization' | 'team' | 'user' | 'workspace' | 'model';
type Threshold = { readonly at: number; readonly on: 'actual'; readonly severity: 'info' | 'warning' | 'critical' };

/** As an operator writes it: thresholds of actual spend, since those of forecasts are not of the entries alone. */
export interface Planned {
  readonly name: string;
  readonly scope?: Readonly<Partial<Record<Scoped, string | readonly string[]>>>;
  readonly amount_usd?: string;
  readonly tokens?: { readonly amount: number; readonly classes: readonly ('input' | 'output')[] };
  readonly period: Unit | { readonly rolling_days: number } | { readonly from: string; readonly to: string };
  readonly time_zone?: string;
  readonly week_start?: 'monday' | 'sunday';
  readonly per?: 'user';
  readonly rollover?: true;
  readonly hard_limit?: true;
  readonly session_warning_usd?: string;
  readonly thresholds: readonly Threshold[];
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Status {
  readonly planned: Planned;
  readonly key: string;
  /** budget, scope, team, period. */
  readonly labels: string;
  readonly member: string | undefined;
  readonly range: Range;
  readonly before: Range | undefined;
  readonly isActive: boolean;
  /** Of its scope, whenever. */
  readonly own: readonly Entry[];
  readonly limit: number;
  readonly spent: number;
  readonly ratio: number;
}

const zoneOf = ({ time_zone }: Planned, asked: Asked): string => time_zone ?? asked.timeZone;
const dayAt = (ms: number, zone: string): Temporal.PlainDate => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate();
const startOf = (day: Temporal.PlainDate, zone: string): number => day.toZonedDateTime(zone).epochMilliseconds;

/** The days of a period, the last one no longer in it; so many periods later. */
function days({ period, week_start = 'monday' }: Planned, today: Temporal.PlainDate, later: number): [Temporal.PlainDate, Temporal.PlainDate] {
  if (typeof period !== 'string') {
    if ('from' in period) return [Temporal.PlainDate.from(period.from), Temporal.PlainDate.from(period.to)];
    const end = today.add({ days: 1 + later * period.rolling_days });
    return [end.subtract({ days: period.rolling_days }), end];
  }
  if (period === 'day') return [today.add({ days: later }), today.add({ days: later + 1 })];
  if (period === 'week') {
    const first = today.subtract({ days: (today.dayOfWeek - (week_start === 'monday' ? 1 : 0)) % 7 }).add({ days: 7 * later });
    return [first, first.add({ days: 7 })];
  }
  const months = period === 'month' ? 1 : 3;
  const first = today.with({ day: 1, month: today.month - ((today.month - 1) % months) }).add({ months: months * later });
  return [first, first.add({ months })];
}

function rangeOf(planned: Planned, asked: Asked, later = 0): Range {
  const zone = zoneOf(planned, asked);
  const [first, end] = days(planned, dayAt(asked.nowMs, zone), later);
  return { fromMs: startOf(first, zone), toMs: startOf(end, zone) };
}

const scopeOf = ({ scope = {} }: Planned): [Scoped, readonly string[]][] =>
  (Object.entries(scope) as [Scoped, string | readonly string[]][]).map(([name, values]) => [name, [values].flat().toSorted()]);

/** The text of a scope, its dimensions in order; values as they were written. */
const scopeText = (parts: readonly (readonly [string, readonly string[]])[]): string =>
  parts.length === 0
    ? 'everything'
    : parts
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, values]) => `${name}=${values.join('|')}`)
        .join(', ');

const amountOf =
  ({ tokens }: Planned) =>
  (entry: Entry): number =>
    tokens === undefined ? Number(entry.cost) / 1e12 : tokens.classes.reduce((all, name) => all + (entry.amounts[`${name}_tokens`] ?? 0), 0);
const total = (planned: Planned, entries: readonly Entry[], { fromMs, toMs }: Range): number =>
  entries.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs).reduce((all, entry) => all + amountOf(planned)(entry), 0);

const wordsOf = ({ period }: Planned): string =>
  typeof period === 'string' ? period : 'from' in period ? `${period.from} to ${period.to}` : `rolling ${period.rolling_days} days`;

/** Of a day that is over, what was booked until it ended. */
function bookedThen(asked: Asked): readonly Entry[] {
  const end = startOf(dayAt(asked.nowMs, asked.timeZone).add({ days: 1 }), asked.timeZone);
  return asked.entries.filter(({ timeMs }) => timeMs < end);
}

function statusOf(planned: Planned, asked: Asked, entries: readonly Entry[], member: string | undefined): Status {
  const own = entries.filter(
    (entry) =>
      scopeOf(planned).every(([name, values]) => values.includes(stored(entry, name))) && (member ?? stored(entry, 'user')) === stored(entry, 'user'),
  );
  const range = rangeOf(planned, asked);
  const before = typeof planned.period === 'object' && 'from' in planned.period ? undefined : rangeOf(planned, asked, -1);
  const base = Number(planned.amount_usd ?? planned.tokens?.amount);
  const isKnown = before !== undefined && total(planned, entries, before) > 0;
  const left = planned.rollover === true && isKnown ? Math.max(0, base - total(planned, own, before)) : 0;
  const parts: (readonly [string, readonly string[]])[] = [...scopeOf(planned), ...(member === undefined ? [] : [['user', [member]] as const])];
  const [team = '', ...others] = parts.find(([name]) => name === 'team')?.[1] ?? [];
  const key = member === undefined ? planned.name : `${planned.name}/${member}`;
  const spent = total(planned, own, range);
  return {
    ...{ planned, key, member, range, before, own, spent, limit: base + left, ratio: spent / (base + left) },
    labels: [key, scopeText(parts), others.length > 0 ? '' : team, wordsOf(planned)].join('|'),
    isActive: range.fromMs <= asked.nowMs && asked.nowMs < range.toMs,
  };
}

export interface AskedOfBudgets extends Asked {
  readonly budgets: readonly Planned[];
  /** When the ledger last committed. */
  readonly asOfMs: number;
}

/** Is the instant on a day before the last one of the ledger? */
const isPast = ({ nowMs, asOfMs, timeZone }: AskedOfBudgets): boolean => startOf(dayAt(nowMs, timeZone).add({ days: 1 }), timeZone) <= asOfMs;

function statuses(asked: AskedOfBudgets): Status[] {
  const entries = isPast(asked) ? bookedThen(asked) : asked.entries;
  // Before the first record nothing is known; that is not nothing spent.
  if (isPast(asked) && entries.length === 0) return [];
  const all = asked.budgets.flatMap((planned): Status[] => {
    if (planned.per === undefined) return [statusOf(planned, asked, entries, undefined)];
    if (isPast(asked)) return [];
    const spent = (user: string): boolean => statusOf(planned, asked, entries, user).spent > 0;
    const users = [...new Set(entries.map((entry) => stored(entry, 'user')))].filter((user) => user !== '' && spent(user));
    return users.map((user) => statusOf(planned, asked, entries, user));
  });
  return all.filter((status) => isInside(status, asked));
}

/** Shown where the whole scope lies within what was chosen. */
function isInside({ planned, member }: Status, { where }: Asked): boolean {
  const own = new Map<string, readonly string[]>([...scopeOf(planned), ...(member === undefined ? [] : [['user', [member]] as const])]);
  return where.every(({ dimension, values }) => own.get(dimension)?.every((value) => values.includes(value)) === true);
}

type Oracle = (asked: AskedOfBudgets) => Samples;

const each =
  (value: (status: Status) => number | undefined): Oracle =>
  (asked) =>
    Object.fromEntries(
      statuses(asked).flatMap((status) => {
        const own = value(status);
        return own === undefined ? [] : [[status.labels, own]];
      }),
    );
const inUsd = (value: (status: Status) => number): Oracle => each((status) => (status.planned.tokens === undefined ? value(status) : undefined));
const inTokens = (value: (status: Status) => number): Oracle => each((status) => (status.planned.tokens === undefined ? undefined : value(status)));

/** A threshold is reached to the last digit. */
const isReached = ({ isActive, ratio }: Status, { at }: Threshold): boolean => isActive && ratio >= at - 1e-12;

interface Part {
  readonly labels: string;
  readonly spent: number;
  readonly change: number | undefined;
  readonly isUsd: boolean;
}

/** Three of the first of user, workspace and model that the scope leaves open, by what they spent. */
function contributors(asked: AskedOfBudgets): Part[] {
  if (asked.where.length > 0) return [];
  const alerting = statuses(asked).filter((status) => status.member === undefined && status.planned.thresholds.some((one) => isReached(status, one)));
  const firstMs = Math.min(...asked.entries.map(({ timeMs }) => timeMs));
  return alerting.flatMap(({ planned, key, labels, own, range, before }) => {
    const fixed = scopeOf(planned).flatMap(([name, values]) => (values.length === 1 ? [name] : []));
    const dimension = (['user', 'workspace', 'model'] as const).find((name) => !fixed.includes(name)) ?? 'user';
    const groups = Map.groupBy(own, (entry) => stored(entry, dimension));
    const sums = [...groups].map(([value, entries]) => ({ value, entries, spent: total(planned, entries, range) }));
    const largest = sums.filter(({ spent }) => spent > 0).toSorted((a, b) => b.spent - a.spent || (a.value < b.value ? -1 : 1));
    // As much of the period before as has gone by of this one, in whole quarters of an hour.
    const end = before === undefined ? 0 : Math.floor((before.fromMs + asked.nowMs - range.fromMs) / 900_000) * 900_000;
    const elapsed = before === undefined ? undefined : { fromMs: before.fromMs, toMs: Math.min(before.toMs, end) };
    // What the ledger knows begins with the day of its first record.
    const isKnown =
      elapsed !== undefined && elapsed.toMs > elapsed.fromMs && startOf(dayAt(firstMs, asked.timeZone), asked.timeZone) <= elapsed.fromMs;
    return largest.slice(0, 3).map(({ value, entries, spent }, index): Part => {
      const then = isKnown ? total(planned, entries, elapsed) : undefined;
      return {
        labels: [
          key,
          labels.split('|').slice(1, -2).join('|'),
          index + 1,
          dimension,
          value || (dimension === 'user' ? 'unallocated' : 'unknown'),
        ].join('|'),
        spent,
        change: then === undefined ? undefined : then === 0 ? Number.POSITIVE_INFINITY : (spent - then) / then,
        isUsd: planned.tokens === undefined,
      };
    });
  });
}

const parts =
  (value: (part: Part) => number | undefined): Oracle =>
  (asked) =>
    Object.fromEntries(
      contributors(asked).flatMap((part) => {
        const own = value(part);
        return own === undefined ? [] : [[part.labels, own]];
      }),
    );

/** Each session of the last day that came to as much, in the budget's scope. */
const sessions: Oracle = (asked) => {
  const recent = [...Map.groupBy(asked.entries, ({ sessionId }) => sessionId)].filter(([, own]) =>
    own.some(({ timeMs }) => timeMs >= asked.nowMs - DAY),
  );
  const warned = statuses(asked).filter(
    ({ planned }) => planned.session_warning_usd !== undefined && scopeOf(planned).every(([name]) => name !== 'model'),
  );
  return Object.fromEntries(
    warned.flatMap(({ planned, labels, member }) =>
      recent.flatMap(([id, own]) => {
        const [first] = own;
        const spent = own.reduce((all, entry) => all + Number(entry.cost) / 1e12, 0);
        const isMember = first !== undefined && (member ?? stored(first, 'user')) === stored(first, 'user');
        const isIn = isMember && scopeOf(planned).every(([name, values]) => values.includes(stored(first, name)));
        return isIn && spent >= Number(planned.session_warning_usd) - 1e-9
          ? [[`${labels}|${id}|${stored(first, 'user') || 'unallocated'}`, spent]]
          : [];
      }),
    ),
  );
};

/** Six periods back, as far as the ledger had begun before the next one. */
const past: Oracle = (asked) => {
  const firstMs = Math.floor(Math.min(...asked.entries.map(({ timeMs }) => timeMs)) / 60_000) * 60_000;
  return Object.fromEntries(
    asked.budgets
      .filter(({ per, period }) => per === undefined && !(typeof period === 'object' && 'from' in period))
      .flatMap((planned) =>
        [1, 2, 3, 4, 5, 6].flatMap((back) => {
          const { fromMs, toMs } = rangeOf(planned, asked, -back);
          const status = statusOf(planned, { ...asked, nowMs: toMs - 1 }, asked.entries, undefined);
          return toMs > firstMs && isInside(status, asked)
            ? [[`${planned.name}|${dayAt(fromMs, zoneOf(planned, asked)).toString()}`, status.ratio]]
            : [];
        }),
      ),
  );
};

export const BUDGET_ORACLES: Readonly<Partial<Record<GaugeName, Oracle>>> = {
  budget_limit: inUsd(({ limit }) => limit),
  budget_spent: inUsd(({ spent }) => spent),
  budget_remaining: inUsd(({ limit, spent }) => limit - spent),
  budget_raised: inUsd(() => 0),
  budget_limit_tokens: inTokens(({ limit }) => limit),
  budget_spent_tokens: inTokens(({ spent }) => spent),
  budget_remaining_tokens: inTokens(({ limit, spent }) => limit - spent),
  budget_raised_tokens: inTokens(() => 0),
  budget_used_ratio: each(({ ratio }) => ratio),
  budget_elapsed_ratio: (asked) =>
    Object.fromEntries(
      statuses(asked).flatMap(({ labels, isActive, range: { fromMs, toMs } }) =>
        isActive ? [[labels, 1 - (toMs - asked.nowMs) / (toMs - fromMs)]] : [],
      ),
    ),
  budget_warning_ratio: each(({ planned }) => {
    const warnings = planned.thresholds.filter(({ severity }) => severity === 'warning').map(({ at }) => at);
    return warnings.length === 0 ? undefined : Math.min(...warnings);
  }),
  budget_threshold: (asked) =>
    Object.fromEntries(
      statuses(asked).flatMap(({ planned, labels, isActive }) =>
        isActive ? planned.thresholds.map(({ at, on, severity }) => [`${labels}|${on}|${severity}|${at}`, at]) : [],
      ),
    ),
  budget_period_start: each(({ range }) => range.fromMs / 1000),
  budget_period_end: each(({ range }) => range.toMs / 1000),
  budget_stopped: each(({ planned, isActive, ratio }) => Number(planned.hard_limit === true && isActive && ratio >= 1 - 1e-12)),
  budget_session_warning: each(({ planned }) => (planned.session_warning_usd === undefined ? undefined : Number(planned.session_warning_usd))),
  budget_session: sessions,
  budget_past_used_ratio: past,
  budget_contributor: parts(({ isUsd, spent }) => (isUsd ? spent : undefined)),
  budget_contributor_tokens: parts(({ isUsd, spent }) => (isUsd ? undefined : spent)),
  budget_contributor_change: parts(({ change }) => change),
};
