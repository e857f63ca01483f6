/**
 * Is a pilot large enough to budget from? Below the least of any of these nothing is forecast: a figure would be taken for one. Between the least and
 * what is enough the forecast is made and called small; its band widens by itself, since it is drawn from few users (bootstrap.ts, quantile.ts).
 */
import type { Finding } from '../../core/finding.ts';
import { shareOf } from '../totals.ts';
import type { Measured } from './measured.ts';
import type { ModelDays } from './mix.ts';
import type { Pilot } from './pilot.ts';

export const VERDICTS = ['enough', 'small', 'too_small'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const USERS = { least: 5, enough: 20 };
export const DAYS = { least: 14, enough: 28 };
export const USER_DAYS_LEAST = 20;
/** Of the spend, by one user: half of it is too much, three tenths are enough to say so. */
export const LARGEST = { most: 0.5, enough: 0.3 };
/** Of a model that a mix names. */
export const MIX = { userDays: 20, users: 3 };
const UNATTRIBUTED_SHARE = 0.05;
const LATE_SHARE = 0.2;

export const verdictOf = (findings: readonly Finding[]): Verdict =>
  findings.some(({ severity }) => severity === 'critical')
    ? 'too_small'
    : findings.some(({ severity }) => severity === 'warning')
      ? 'small'
      : 'enough';

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** What is wrong with the size of the pilot, each with what would suffice. */
export function findingsOf(
  pilot: Pilot,
  measured: Measured | undefined,
  { mix, headcount }: { mix: readonly ModelDays[]; headcount: number | undefined },
): Finding[] {
  if (measured === undefined && pilot.daysSinceFirst === 0) {
    return [
      finding(
        'pilot_without_spend',
        'critical',
        'Nobody in the pilot spent anything on a day of that time that is over.',
        'Check the name, or give an earlier start with --from.',
      ),
    ];
  }
  return [
    ...daysFindings(pilot),
    ...(measured === undefined
      ? []
      : [...userFindings(pilot, measured), ...largestFindings(pilot, measured), ...coverageFindings(pilot, measured, headcount)]),
    ...mix.flatMap(mixFindings),
  ];
}

const finding = (code: string, severity: Finding['severity'], message: string, remedy: string): Finding => ({ code, severity, message, remedy });

function daysFindings({ daysSinceFirst }: Pilot): Finding[] {
  if (daysSinceFirst >= DAYS.enough) return [];
  const severity = daysSinceFirst < DAYS.least ? 'critical' : 'warning';
  const missing = `${DAYS.least - daysSinceFirst} more for a forecast, ${DAYS.enough - daysSinceFirst} more for a good one`;
  const remedy = severity === 'critical' ? `Wait: ${missing}.` : `${counted(DAYS.enough - daysSinceFirst, 'more day')} would do.`;
  return [finding('pilot_days', severity, `The pilot has ${counted(daysSinceFirst, 'day')} since its first spend.`, remedy)];
}

function userFindings({ users }: Pilot, { activeUserDays }: Measured): Finding[] {
  const found: Finding[] = [];
  if (users.length < USERS.enough) {
    const severity = users.length < USERS.least ? 'critical' : 'warning';
    const least = severity === 'critical' ? `${counted(USERS.least - users.length, 'more user')} for a forecast, ` : '';
    const remedy = `${least}${counted(USERS.enough - users.length, 'more user')} for a good one.`;
    found.push(finding('pilot_users', severity, `The pilot has ${counted(users.length, 'user')}.`, remedy));
  }
  if (activeUserDays < USER_DAYS_LEAST) {
    const message = `The pilot has ${counted(activeUserDays, 'day')} of use, over all users.`;
    found.push(finding('pilot_use', 'critical', message, `A forecast needs ${USER_DAYS_LEAST}: wait, or take in more users.`));
  }
  return found;
}

/** With how many users the largest would have few enough of the spend, if the others are like the rest. */
function largestFindings({ users }: Pilot, { cost, largestShare }: Measured): Finding[] {
  const [largest] = users;
  // Each of few users has a large share; that there are few is said already.
  if (largest === undefined || largestShare === null || largestShare <= LARGEST.enough) return [];
  const others = Number(cost - largest.total) / Math.max(1, users.length - 1);
  const needed = Math.ceil((Number(largest.total) * (1 - LARGEST.enough)) / LARGEST.enough / others) + 1;
  const suffices = Number.isSafeInteger(needed) ? `With ${needed} users like these it would have ${percent(LARGEST.enough)}.` : 'Take in more users.';
  const severity = largestShare > LARGEST.most ? 'critical' : 'warning';
  return [finding('pilot_largest_user', severity, `One user has ${percent(largestShare)} of the pilot's spend.`, suffices)];
}

/** What the pilot cannot say of itself: these make a forecast worse, not the pilot too small. */
function coverageFindings({ users, days, unattributed }: Pilot, { cost }: Measured, headcount = users.length): Finding[] {
  const share = shareOf(unattributed, unattributed + cost) ?? 0;
  const late = users.filter((user) => user.days.findIndex((spent) => spent > 0n) > days.length / 3).length / users.length;
  return [
    ...(share > UNATTRIBUTED_SHARE
      ? [
          finding(
            'pilot_unattributed',
            'warning',
            `${percent(share)} of the pilot's spend has no user, and is not in the forecast.`,
            'See docs/attribution.md.',
          ),
        ]
      : []),
    ...(late > LATE_SHARE
      ? [
          finding(
            'pilot_still_growing',
            'warning',
            `${percent(late)} of the pilot's users began after a third of the time; their days before count as days without use.`,
            'Give a later start with --from.',
          ),
        ]
      : []),
    ...(headcount < users.length
      ? [finding('pilot_headcount', 'info', `${users.length} users of the pilot spent something, more than the ${headcount} it is said to have.`, '')]
      : []),
  ];
}

function mixFindings({ name, userDays, users }: ModelDays): Finding[] {
  if (userDays >= MIX.userDays && users >= MIX.users) return [];
  const needs = `Take a model that the pilot uses more, or wait until it has ${MIX.userDays} days of use by ${MIX.users} users.`;
  if (userDays === 0)
    return [finding('mix_unknown', 'critical', `No day of the pilot was spent mainly on ${name}, so its cost is not known.`, needs)];
  const message = `${counted(userDays, 'day')} of use by ${counted(users, 'user')} on ${name} are few to compute a mix from.`;
  return [finding('mix_thin', 'warning', message, needs)];
}
