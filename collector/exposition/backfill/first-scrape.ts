/** When a store first scraped the collector, so that the past ends where the present begins. */

import { labelText } from '../label-text.ts';
import type { Labels } from './family-totals.ts';
import type { Network, Target } from './post.ts';

const ANSWER_MS = 30_000;
/** How far back a store is asked. */
const LOOK_BACK = '400d';

/**
 * `target.url` is that of the query API, such as http://127.0.0.1:9090/api/v1/query. Stores write `up` for themselves when they scrape,
 * so that samples brought in earlier do not look like a scrape. Undefined when it never scraped, or cannot be asked.
 */
export async function firstScrapeMs(target: Target, labels: Labels, nowMs: number, network: Network): Promise<number | undefined> {
  const { job = '', instance = '' } = labels;
  const up = `up{${labelText({ job, instance })}}`;
  const scraped = `(timestamp(${up}) and ${up} == 1)`;
  const first = (range: string): string => `min(min_over_time(${scraped}[${range}]) or ${scraped})`;
  // First the hour, which is cheap over a year, then the scrape in it.
  const hourMs = (await ask(target, first(`${LOOK_BACK}:1h`), nowMs, network)) ?? nowMs;
  return ask(target, first('1h:1s'), hourMs, network);
}

async function ask({ url, token }: Target, query: string, timeMs: number, network: Network): Promise<number | undefined> {
  try {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const body = new URLSearchParams({ query, time: String(timeMs / 1000) });
    const response = await network.fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) });
    // The documented answer of the query API: a vector of one sample, or of none.
    const answer = (await response.json()) as { data?: { result?: { value?: [number, string] }[] } };
    const seconds = Number(answer.data?.result?.[0]?.value?.[1]);
    return Number.isFinite(seconds) ? Math.floor(seconds * 1000) : undefined;
  } catch {
    return undefined; // Whether the store can be reached shows in what follows.
  }
}
