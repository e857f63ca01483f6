/** Holds the rules against courses: what each would have saved, and what all of them together, no money twice. */
import type { PicoUsd } from '../../core/money.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { BACKGROUND } from './background.ts';
import { CACHE_REBUILDS } from './cache-rebuilds.ts';
import { compactedTo } from './compactions.ts';
import type { Owner, UserCourse } from './course.ts';
import { LATE_COMPACTION } from './late-compaction.ts';
import type { Claim, Moment, Rule, Unknown } from './rule.ts';
import { SMALLER_MODEL } from './smaller-model.ts';
import { TASKS_WITHOUT_CLEAR } from './tasks-without-clear.ts';

export const RULES: readonly Rule[] = [CACHE_REBUILDS, LATE_COMPACTION, TASKS_WITHOUT_CLEAR, SMALLER_MODEL, BACKGROUND];

/** What a rule found in one user's part of a session. */
export interface Finding {
  readonly rule: Rule;
  readonly course: UserCourse;
  readonly moments: readonly Moment[];
}

/** Amounts over claims. */
export interface Saved {
  /** Undefined: none of it is known. */
  readonly amount: PicoUsd | undefined;
  /** Requests without an amount, by why. */
  readonly unknown: ReadonlyMap<Unknown, number>;
}

/** Of requests within the time range alone; what is found there depends on the whole course. */
export function findAll(courses: readonly UserCourse[], prices: PriceBook, range: TimeRange = {}): readonly Finding[] {
  const ofUsers = Map.groupBy(courses, ({ owner }) => ownerKey(owner));
  return [...ofUsers.values()].flatMap((own) => {
    const known = { prices, compactedTo: compactedTo(own) };
    return own.flatMap((course) =>
      RULES.flatMap((rule) => {
        const moments = rule.find(course, known).flatMap((moment) => within(moment, range));
        return moments.length === 0 ? [] : [{ rule, course, moments }];
      }),
    );
  });
}

export const ownerKey = ({ organization, team, user }: Owner): string => JSON.stringify([organization, team, user]);

function within(moment: Moment, { fromMs = 0, toMs = Number.POSITIVE_INFINITY }: TimeRange): Moment[] {
  const claims = moment.claims.filter(({ request, saved }) => request.timeMs >= fromMs && request.timeMs < toMs && saved !== 0n);
  return claims.length === 0 ? [] : [{ ...moment, claims }];
}

export const claimsOf = (findings: readonly Finding[]): readonly Claim[] =>
  findings.flatMap(({ moments }) => moments.flatMap(({ claims }) => claims));

/** Of one rule: it claims each request once. */
export function savedBy(findings: readonly Finding[]): Saved {
  const claims = claimsOf(findings);
  return totalOf(claims.map(({ saved }) => saved));
}

/** Of all rules: what several claim of one request counts once, with the largest claim. So it is no more than could have been saved. */
export function savedTogether(findings: readonly Finding[]): Saved {
  const largest = new Map<CourseRequest, Claim['saved']>();
  for (const { request, saved } of claimsOf(findings)) {
    const before = largest.get(request);
    largest.set(request, before === undefined ? saved : larger(before, saved));
  }
  return totalOf([...largest.values()]);
}

/** What is known beats what is not. */
function larger(one: Claim['saved'], other: Claim['saved']): Claim['saved'] {
  if (typeof one === 'string') return other;
  return typeof other === 'bigint' && other > one ? other : one;
}

function totalOf(amounts: readonly Claim['saved'][]): Saved {
  const unknown = new Map<Unknown, number>();
  let amount: PicoUsd | undefined = amounts.length === 0 ? 0n : undefined;
  for (const saved of amounts) {
    if (typeof saved === 'bigint') amount = (amount ?? 0n) + saved;
    else unknown.set(saved, (unknown.get(saved) ?? 0) + 1);
  }
  return { amount, unknown };
}
