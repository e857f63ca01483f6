/** How many users have begun by which week of a roll-out. */

/** Shares of all users, 0 to 1, by week; everybody after the last. */
export type Ramp = readonly number[];

export const WEEKS_MAX = 52;

/** The same number of users begins every week; in the last of these weeks everybody has. */
export const linearRamp = (weeks: number): Ramp => Array.from({ length: weeks }, (_, week) => (week + 1) / weeks);

/** In the week with this number, the first being 0. */
export const usersIn = (ramp: Ramp, week: number, users: number): number => Math.round((ramp[week] ?? 1) * users);

/** "8" for weeks, "10,25,50,100" for percent of the users in each week; '' for everybody at once. Undefined for anything else. */
export function parseRamp(text: string): Ramp | undefined {
  if (text === '') return [];
  if (/^\d{1,2}$/.test(text)) return Number(text) <= WEEKS_MAX ? linearRamp(Number(text)) : undefined;
  const percents = text.split(',').map((word) => (/^ *\d{1,3} *$/.test(word) ? Number(word) : Number.NaN));
  const rises = percents.every((percent, week) => percent >= (percents[week - 1] ?? 0));
  return rises && percents.length <= WEEKS_MAX && percents.at(-1) === 100 ? percents.map((percent) => percent / 100) : undefined;
}
