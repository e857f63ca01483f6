/** Anthropic's administration API: headers, hints, and lists in pages. Shapes of docs: platform.claude.com/docs, Admin API and Analytics API. */
import { z } from 'zod';
import { startOfDay } from '../../core/day.ts';
import { PagesExpired } from '../day-by-day.ts';
import { daysAfter } from '../days.ts';
import type { JsonAccess, JsonClient } from '../http/json-client.ts';

export const ANTHROPIC_URL = 'https://api.anthropic.com';

/** Beyond it, the pages of a day go in circles. */
const PAGES_MAX = 2_000;
const IDS_AT_ONCE = '1000';

export const anthropicAccess = (key: string): Pick<JsonAccess, 'name' | 'key' | 'headers' | 'hints'> => ({
  name: 'Anthropic',
  key,
  headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
  hints: {
    401: 'The key was rejected: it may be mistyped, disabled or from another organization.',
    403: 'The key may not read this: it takes an Admin key (sk-ant-admin01-…) of the organization, or for anthropic-analytics a key with the scope read:analytics. Individual accounts have no Admin API.',
    404: 'Check the address in imports.url: it is that of the API, without /v1.',
  },
});

const page = z.looseObject({
  data: z.array(z.unknown()),
  has_more: z.boolean(),
  next_page: z.string().nullish(),
  data_refreshed_at: z.string().nullish(),
});

export interface Listing<Item> {
  readonly path: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly item: z.ZodType<Item>;
}

/**
 * Every item of a list, page by page. Throws PagesExpired when they no longer belong together, LedgerlineError `unsupported` when one is not
 * understood: then nothing of the list may be stored.
 */
export async function readList<Item>(client: JsonClient, { path, parameters, headers, item }: Listing<Item>): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | undefined;
  let refreshedAt: string | undefined;
  for (let pages = 1; pages <= PAGES_MAX; pages++) {
    const asked = new URLSearchParams(
      [...parameters, ...(next === undefined ? [] : [['page', next]])].map(([name = '', value = '']) => [name, value]),
    );
    const read = page.safeParse(await client.get(path, asked, headers));
    if (!read.success) throw client.notUnderstood(`page ${pages} of ${path}: ${reasonOf(read.error)}`);
    const { data, has_more: hasMore, next_page: following, data_refreshed_at: refreshed } = read.data;
    if (pages > 1 && refreshed !== refreshedAt) throw new PagesExpired(`The data of ${path} was refreshed while it was read.`);
    refreshedAt = refreshed ?? undefined;
    for (const [index, given] of data.entries()) {
      items.push(parsedBy(item, given, client, `row ${index + 1} on page ${pages} of ${path}`));
    }
    if (!hasMore) return items;
    if (typeof following !== 'string' || following === '' || following === next)
      throw client.notUnderstood(`page ${pages} of ${path} has no next one`);
    next = following;
  }
  throw client.notUnderstood(`the pages of ${path} do not end`);
}

const idPage = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean(), last_id: z.string().nullish() });

/** Every item of a list that is paged by the last id. */
export async function readIdList<Item>(client: JsonClient, { path, parameters, item }: Listing<Item>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  for (let pages = 1; pages <= PAGES_MAX; pages++) {
    const asked = new URLSearchParams([...parameters, ['limit', IDS_AT_ONCE], ...(after === undefined ? [] : [['after_id', after]])] as [
      string,
      string,
    ][]);
    const read = idPage.safeParse(await client.get(path, asked));
    if (!read.success) throw client.notUnderstood(`page ${pages} of ${path}: ${reasonOf(read.error)}`);
    for (const [index, given] of read.data.data.entries()) items.push(parsedBy(item, given, client, `row ${index + 1} on page ${pages} of ${path}`));
    const last = read.data.last_id ?? read.data.data.at(-1)?.id;
    if (!read.data.has_more) return items;
    if (last === undefined || last === after) throw client.notUnderstood(`page ${pages} of ${path} has no next one`);
    after = last;
  }
  throw client.notUnderstood(`the pages of ${path} do not end`);
}

function parsedBy<Item>(item: z.ZodType<Item>, given: unknown, client: JsonClient, place: string): Item {
  const parsed = item.safeParse(given);
  if (!parsed.success) throw client.notUnderstood(`${place}: ${reasonOf(parsed.error)}`);
  return parsed.data;
}

/** Where it is, and what is wrong there; not what stands there. */
function reasonOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? 'it has another shape' : `${issue.path.map(String).join('.')}: ${issue.message}`;
}

/** One UTC day, as these lists ask for it. */
export const wholeDay = (day: string): readonly (readonly [string, string])[] => [
  ['starting_at', `${day}T00:00:00Z`],
  ['ending_at', `${daysAfter(day, 1)}T00:00:00Z`],
];

export const grouped = (names: readonly string[]): readonly (readonly [string, string])[] => names.map((name) => ['group_by[]', name]);

/** Does a bucket or row begin where the day does? */
export const beginsOn = (instant: string, day: string): boolean => Date.parse(instant) === startOfDay(day);

const bucket = z.looseObject({ starting_at: z.string(), results: z.array(z.unknown()) });

/** The rows of one day of a report in buckets. A bucket that is not there is no empty day. */
export async function readBucket<Row>(client: JsonClient, { item, ...listing }: Listing<Row>, day: string): Promise<readonly Row[]> {
  const buckets = await readList(client, { ...listing, parameters: [...wholeDay(day), ['limit', '1'], ...listing.parameters], item: bucket });
  const own = buckets.filter(({ starting_at: at }) => beginsOn(at, day));
  if (own.length === 0) throw client.notUnderstood(`${listing.path} has no bucket for ${day}`);
  return own.flatMap(({ results }) => results).map((row, index) => parsedBy(item, row, client, `row ${index + 1} of ${listing.path} on ${day}`));
}
