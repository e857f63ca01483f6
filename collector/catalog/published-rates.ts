/**
 * What the provider recommends as a rate limit for each user, by the size of the team. Data, not advice of our own: replace it with the page, and
 * its date with it. Limits hold for an organization as a whole, so one user may go beyond a share.
 */

export interface PublishedRate {
  /** As the page writes the size of the team. */
  readonly size: string;
  readonly usersMin: number;
  /** Largest team that the row is for; undefined: without end. */
  readonly usersMax: number | undefined;
  /** For each user and minute. */
  readonly tokens: readonly [low: number, high: number];
  readonly requests: readonly [low: number, high: number];
}

export const PUBLISHED_RATES = {
  source: 'https://code.claude.com/docs/en/costs',
  title: 'Manage costs effectively: rate limit recommendations',
  /** The page was read in its English edition on this day, and said the same in October 2026. */
  readOn: '2026-08-22',
  rows: [
    { size: '1-5', usersMin: 1, usersMax: 5, tokens: [200_000, 300_000], requests: [5, 7] },
    { size: '5-20', usersMin: 5, usersMax: 20, tokens: [100_000, 150_000], requests: [2.5, 3.5] },
    { size: '20-50', usersMin: 20, usersMax: 50, tokens: [50_000, 75_000], requests: [1.25, 1.75] },
    { size: '50-100', usersMin: 50, usersMax: 100, tokens: [25_000, 35_000], requests: [0.62, 0.87] },
    { size: '100-500', usersMin: 100, usersMax: 500, tokens: [15_000, 20_000], requests: [0.37, 0.47] },
    { size: '500+', usersMin: 500, usersMax: undefined, tokens: [10_000, 15_000], requests: [0.25, 0.35] },
  ],
} as const satisfies { readonly source: string; readonly title: string; readonly readOn: string; readonly rows: readonly PublishedRate[] };

/**
 * The row for so many users. Rows share their edges (5 is in "1-5" and in "5-20"), and the page does not say which holds there: the row for
 * smaller teams does here, which is the larger amount. Undefined for nobody.
 */
export const publishedRate = (users: number): PublishedRate | undefined =>
  users < 1 ? undefined : PUBLISHED_RATES.rows.find(({ usersMax }) => usersMax === undefined || users <= usersMax);

/** Is it where two rows meet? */
export const isSharedEdge = (users: number): boolean => PUBLISHED_RATES.rows.some(({ usersMin }) => usersMin > 1 && usersMin === users);
