/** A summary of a period that is over: spend and its change, the state of the budgets, who spent most. For the lead of a team, or for all. */

import { evaluateBudgets } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { boardUrl, type LinkBases } from '../catalog/alert-links.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue, storedValue } from '../catalog/values.ts';
import type { DigestConfig } from '../config/alerts.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { displayUsd } from '../core/money.ts';
import { periodAround, type TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { type AlertMessage, changeText } from './message.ts';
import { age, amountText, capital, day, percent, periodText, rollingText, shareText } from './text.ts';

export interface DigestContext {
  readonly reader: LedgerSnapshot;
  readonly calendar: CalendarOptions;
  readonly budgets: readonly Budget[];
  /** When the digest is due: it covers the whole period before. */
  readonly dueMs: number;
  readonly nowMs: number;
  readonly links: LinkBases;
}

const PEOPLE_SHOWN = 5;
const PEOPLE_MAX = 200_000;
const BUDGETS_SHOWN = 10;

export async function digestOf({ period, team, time_zone }: DigestConfig, context: DigestContext): Promise<AlertMessage> {
  const calendar = time_zone === undefined ? context.calendar : { ...context.calendar, timeZone: time_zone };
  const timeRange = periodAround(period, context.dueMs, calendar, -1);
  const before = periodAround(period, context.dueMs, calendar, -2);
  const where: Filter[] = team === undefined ? [] : [{ dimension: 'team', values: [storedValue('team', team)] }];
  const { spent, people, users } = await spendIn(context, timeRange, where);
  const earlier = await spendIn(context, before, where);
  const who = team === undefined ? 'all users' : `team ${team}`;
  const when = periodWords(period, timeRange, calendar.timeZone);
  const change = changeText(spent, earlier.spent);
  return {
    mood: 'digest',
    title: `Claude Code, ${who}: ${displayUsd(spent)} in ${when}`,
    summary:
      people.size === 0 && spent === 0n
        ? `No spend${team === undefined ? '' : ` by team ${team}`} in ${when}. Previous ${period}: ${displayUsd(earlier.spent)} by ${peopleText(earlier.users)}.`
        : `${capital(who)} spent ${displayUsd(spent)} in ${when}; in the previous ${period} it was ${displayUsd(earlier.spent)} (${change}). ${capital(peopleText(users))} used Claude Code, ${earlier.users} in the previous ${period}.`,
    facts: [
      { label: 'Spent', value: `${displayUsd(spent)} (${change})` },
      { label: `Previous ${period}`, value: displayUsd(earlier.spent) },
      { label: 'Active users', value: `${users}, previously ${earlier.users}` },
      ...(await budgetFacts(context, team)),
    ],
    used: undefined,
    contributors: [...people]
      .sort((a, b) => (a[1] < b[1] ? 1 : -1))
      .slice(0, PEOPLE_SHOWN)
      .map(([user, amount]) => ({
        name: showValue('user', user),
        amount: displayUsd(amount),
        share: shareText(spent <= 0n ? 0 : Number((amount * 1_000_000n) / spent) / 1e6),
        change: changeText(amount, earlier.people.get(user) ?? 0n),
      })),
    contributorsTitle: `Top spenders, and the change vs the previous ${period}`,
    dataAge: age({ nowMs: context.nowMs, asOfMs: (await context.reader.status()).asOfMs, timeZone: calendar.timeZone }),
    links: [linkOf(context.links, team)],
  };
}

const peopleText = (count: number): string => (count === 0 ? 'no users' : count === 1 ? '1 user' : `${count.toLocaleString('en')} users`);

interface PeriodSpend {
  /** Of all, also where corrections take somebody below zero. */
  readonly spent: bigint;
  /** Those who spent anything; '' is what belongs to nobody known. */
  readonly people: ReadonlyMap<string, bigint>;
  /** How many of them are known: what jobs and unknown clients spend is no user's. */
  readonly users: number;
}

async function spendIn({ reader, calendar }: DigestContext, timeRange: Required<TimeRange>, where: readonly Filter[]): Promise<PeriodSpend> {
  const question = { measures: ['cost'], by: ['user'], grain: 'total', timeZone: calendar.timeZone, rowsMax: PEOPLE_MAX } as const;
  const { rows, totals } = await reader.query({ ...question, ...timeRange, where });
  const costs = rows.map(({ key: [user = ''], values: [cost = 0n] }): [string, bigint] => [user, cost]);
  const people = new Map(costs.filter(([, cost]) => cost > 0n));
  return { spent: totals[0] ?? 0n, people, users: people.size - Number(people.has('')) };
}

/** Budgets of the team (all of them where no team is named), those nearest to their amount first; not one for each member. */
async function budgetFacts({ reader, calendar, budgets, nowMs }: DigestContext, team: string | undefined): Promise<AlertMessage['facts']> {
  const all = await evaluateBudgets(budgets, { reader, calendar, nowMs, withForecast: true });
  const whole = all.filter(({ key, name }) => key === name);
  const ours = whole.filter((status) => team === undefined || status.team === team).sort((a, b) => b.usedRatio - a.usedRatio);
  return ours.slice(0, BUDGETS_SHOWN).map((status) => ({ label: `Budget ${status.key}`, value: budgetWords(status) }));
}

function budgetWords(status: BudgetStatus): string {
  const { spent, limit, unit, forecast } = status;
  const ahead = forecast.kind === 'band' ? `; forecast ${amountText(forecast.p50, unit)}` : '';
  return `${amountText(spent, unit)} of ${amountText(limit, unit)} (${percent(status)}) ${whenWords(status)}${ahead}`;
}

/** A rolling period and one from a date to a date have no name to be called this one by. */
function whenWords(status: BudgetStatus): string {
  const rolling = rollingText(status);
  if (rolling !== undefined) return `in ${rolling}`;
  return /^\d/.test(status.period) ? `in ${periodText(status)}` : `this ${status.period}`;
}

function periodWords(period: DigestConfig['period'], { fromMs, toMs }: Required<TimeRange>, timeZone: string): string {
  if (period === 'day') return day(fromMs, timeZone);
  if (period === 'month') return new Intl.DateTimeFormat('en-GB', { timeZone, month: 'long', year: 'numeric' }).format(fromMs);
  return `the week ${day(fromMs, timeZone)} to ${day(toMs - 1, timeZone)}`;
}

const linkOf = (links: LinkBases, team: string | undefined): AlertMessage['links'][number] => ({
  title: 'Open the board',
  url: team === undefined ? boardUrl('overview', '', links) : boardUrl('team', encodeURIComponent(team), links),
});
