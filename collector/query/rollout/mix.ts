/** Which models a day of use is spent on, and what it would cost if they were used in other shares. */
import type { Pilot, PilotUser } from './pilot.ts';

export interface MixShare {
  /** As it was written: a model, or a part of its name such as opus. */
  readonly name: string;
  readonly percent: number;
}

const PERCENT = 100;
const SHARES_MAX = 20;

/** "opus=20,sonnet=80". Undefined for what does not add up to 100, or names one twice. */
export function parseMix(text: string): readonly MixShare[] | undefined {
  const shares = text.split(',').map((part) => {
    const [, name = '', percent = ''] = /^ *([^=,]+?) *= *(\d{1,3}(?:\.\d{1,2})?) *%? *$/.exec(part) ?? [];
    return { name: name.toLowerCase(), percent: percent === '' ? Number.NaN : Number(percent) };
  });
  const isWhole = Math.abs(shares.reduce((sum, { percent }) => sum + percent, 0) - PERCENT) < 1e-9;
  return isWhole && shares.length <= SHARES_MAX && new Set(shares.map(({ name }) => name)).size === shares.length ? shares : undefined;
}

/** Is a model one that a share is of: the whole name, or whole words of it in their order? */
const isOf = (model: string, name: string): boolean => `-${model.toLowerCase()}-`.includes(`-${name}-`);

/** Of the days of use on which most was spent on these models. */
export interface ModelDays {
  readonly name: string;
  readonly userDays: number;
  readonly users: number;
  readonly cost: bigint;
}

/** The days of use by model, the most frequent first. Every day has one model, so that the shares of all add up to one. */
export function modelDays(pilot: Pilot): readonly ModelDays[] {
  const models = new Set(pilot.users.flatMap(({ models: own }) => own.filter((model) => model !== undefined)));
  return [...models]
    .map((name) => daysWith(pilot, name, (model) => model === name))
    .toSorted((a, b) => b.userDays - a.userDays || (a.name < b.name ? -1 : 1));
}

/** The same for what a mix names. */
export const mixDays = (pilot: Pilot, mix: readonly MixShare[]): readonly ModelDays[] =>
  mix.map((share) => daysWith(pilot, share.name, (model) => shareOfModel(mix, model) === share));

/** Of several that fit, the longest name: opus-5-5 before opus. */
const shareOfModel = (mix: readonly MixShare[], model: string): MixShare | undefined =>
  mix.filter(({ name }) => isOf(model, name)).sort((a, b) => b.name.length - a.name.length)[0];

function daysWith({ users }: Pilot, name: string, isWith: (model: string) => boolean): ModelDays {
  const own = users.map((user) => user.days.filter((_, day) => isOn(user, day, isWith)));
  return {
    name,
    userDays: own.reduce((sum, days) => sum + days.length, 0),
    users: own.filter((days) => days.length > 0).length,
    cost: own.flat().reduce((sum, cost) => sum + cost, 0n),
  };
}

function isOn({ models }: PilotUser, day: number, isWith: (model: string) => boolean): boolean {
  const model = models[day];
  return model !== undefined && isWith(model);
}

/**
 * By what a day of use becomes more or less expensive with a mix: the average cost of a day with each model, by the new shares, against the average
 * of all days. Measured again on the users that a future draws; where none of them used a model, on all users.
 */
export function mixFactor(pilot: Pilot, mix: readonly MixShare[]): (users: Iterable<number>) => number {
  const strata = mix.map((share) => pilot.users.map((user) => sumsOf(user, (model) => shareOfModel(mix, model) === share)));
  const all = pilot.users.map((user) => sumsOf(user, () => true));
  const everyone = pilot.users.map((_, index) => index);
  return (drawn) => {
    const users = [...drawn];
    const averageOf = (of: readonly Sums[]): number => average(of, users) ?? average(of, everyone) ?? 0;
    const now = averageOf(all);
    const then = mix.reduce((sum, { percent }, index) => sum + (percent / PERCENT) * averageOf(strata[index] ?? []), 0);
    return now === 0 ? 1 : then / now;
  };
}

interface Sums {
  readonly cost: number;
  readonly days: number;
}

function sumsOf(user: PilotUser, isWith: (model: string) => boolean): Sums {
  const days = user.days.filter((_, day) => isOn(user, day, isWith));
  return { cost: Number(days.reduce((sum, cost) => sum + cost, 0n)), days: days.length };
}

function average(of: readonly Sums[], users: readonly number[]): number | undefined {
  let [cost, days] = [0, 0];
  for (const user of users) {
    cost += of[user]?.cost ?? 0;
    days += of[user]?.days ?? 0;
  }
  return days === 0 ? undefined : cost / days;
}
