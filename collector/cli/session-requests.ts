/** ledgerline session ID --requests: how a session went, request by request, with the size of its prompt. */
import { SESSION_REQUESTS, type SessionRequestsAnswer } from '../query/session-requests.ts';
import { ageNote } from './reading-command.ts';
import type { Source } from './source-contract.ts';
import { printable, short } from './table.ts';
import type { Value, View, ViewColumn } from './view.ts';

const PAGE = 5_000;
const BAR = 12;

/** The whole session, page by page. */
export async function readRequests(source: Source, session: string): Promise<SessionRequestsAnswer> {
  const pages: SessionRequestsAnswer[] = [];
  for (let after: number | null = 0; after !== null; after = pages.at(-1)?.next ?? null) {
    pages.push(await source.ask(SESSION_REQUESTS, new URLSearchParams({ limit: String(PAGE), after: String(after) }), { session }));
  }
  const [first] = pages;
  if (first === undefined) throw new Error('A session has at least one page.');
  return { ...first, requests: pages.flatMap(({ requests }) => requests), next: null };
}

/** `isDrawn`: for people, who also see the size of a prompt as a bar. */
export function requestsView(answer: SessionRequestsAnswer, nowMs: number, isDrawn: boolean): View {
  const { requests, cost_usd, is_complete } = answer;
  const largest = Math.max(1, ...requests.map(({ context_tokens }) => context_tokens));
  const tokens = (value: Value): string => (Number(value) === 0 ? '' : short(BigInt(Number(value))));
  return {
    headline: `Session ${printable(answer.session_id)}, request by request (times in UTC)`,
    sections: [
      {
        columns: [
          { field: 'time', cut: 'never', show: (value) => String(value).slice(0, 19).replace('T', ' ') },
          { field: 'kind', priority: 3, show: (value) => (value === 'request' ? '' : String(value).replaceAll('_', ' ')) },
          { field: 'model', priority: 5, show: (value) => printable(String(value)) },
          { field: 'source', priority: 8, show: (value) => printable(String(value)) },
          { field: 'context_tokens', title: 'context', align: 'right', show: tokens },
          ...(isDrawn ? [barColumn(largest)] : []),
          { field: 'cache_read_tokens', title: 'read', priority: 6, show: tokens },
          { field: 'cache_write_tokens', title: 'written', priority: 7, show: tokens },
          { field: 'output_tokens', title: 'output', priority: 4, show: tokens },
          { field: 'pause_seconds', title: 'pause', priority: 2, align: 'right', show: (value) => pause(value) },
          { field: 'cost_usd' },
          {
            field: 'price_basis',
            title: 'price',
            priority: 9,
            show: (value, { price_note }) => (price_note === null ? '' : String(value).replaceAll('_', ' ')),
          },
        ],
        rows: requests,
        total: { cost_usd },
        empty: 'No request of this session is left: its records were removed because of their age.',
      },
    ],
    notes: [
      ...(is_complete ? [] : ['Records of this session were removed because of their age: the total is less than it cost.']),
      ...priceNotes(requests),
      ageNote(answer, nowMs),
    ],
  };
}

/** Each cause once, with how many requests it is the cause of. */
function priceNotes(requests: SessionRequestsAnswer['requests']): string[] {
  const counts = new Map<string, number>();
  for (const { price_note: note } of requests) if (note !== null) counts.set(note, (counts.get(note) ?? 0) + 1);
  return [...counts].map(([note, count]) => `Not at list price, ${count === 1 ? '1 request' : `${count} requests`}: ${note}`);
}

const barColumn = (largest: number): ViewColumn => ({
  field: 'bar',
  title: '',
  priority: 1,
  align: 'left',
  show: (_, row) => bar(Number(row.context_tokens) / largest),
});

const bar = (share: number): string => '█'.repeat(Math.round(share * BAR));

/** What is longer than the five-minute cache lasts. */
function pause(value: Value): string {
  const seconds = Number(value ?? 0);
  if (seconds < 300) return '';
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
