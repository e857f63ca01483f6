/** Spend logs of a LiteLLM proxy: GET /spend/logs/v2, in pages. Its shape is that of the table LiteLLM_SpendLogs. */
import { z } from 'zod';
import { daysAfter } from '../days.ts';
import type { JsonAccess, JsonClient } from '../http/json-client.ts';

const PATH = '/spend/logs/v2';
/** The most that it answers. */
const PAGE_SIZE = 1_000;
/** Five million rows of one day. */
const PAGES_MAX = 5_000;

export const LITELLM_URL = 'http://127.0.0.1:4000';

export const litellmAccess = (key: string): Pick<JsonAccess, 'name' | 'key' | 'headers' | 'hints'> => ({
  name: 'LiteLLM',
  key,
  headers: { authorization: `Bearer ${key}` },
  hints: {
    401: 'The key was rejected: it may be mistyped, blocked or of another proxy.',
    403: 'The key may not read spend logs: it takes the master key, or the key of an administrator (proxy_admin or proxy_admin_viewer).',
    404: 'Check the address in imports.url: it is that of the proxy. It takes a LiteLLM that has /spend/logs/v2, and a database.',
  },
});

/** Pages end with one that is not full: `total` of the answer stops at 10,000, and `total_pages` with it. */
const page = z.looseObject({ data: z.array(z.unknown()) });

/**
 * The rows of one UTC day, and some of the next midnight, page by page. The oldest come first, so that rows that are written meanwhile move
 * none to another page.
 */
export async function* spendLogs(client: JsonClient, day: string): AsyncGenerator<readonly unknown[]> {
  for (let number = 1; number <= PAGES_MAX; number++) {
    const asked = new URLSearchParams({
      ...{ start_date: `${day} 00:00:00`, end_date: `${daysAfter(day, 1)} 00:00:00` },
      ...{ page: String(number), page_size: String(PAGE_SIZE), sort_by: 'startTime', sort_order: 'asc' },
    });
    const read = page.safeParse(await client.get(PATH, asked));
    if (!read.success) throw client.notUnderstood(`page ${number} of ${PATH} has no rows in data`);
    yield read.data.data;
    if (read.data.data.length < PAGE_SIZE) return;
  }
  throw client.notUnderstood(`the pages of ${PATH} do not end`);
}
