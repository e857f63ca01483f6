/** ledgerline reconcile requests: what the API itself counted, and what of it no client reported. */
import type { Command } from 'commander';
import { displayUsd, parseUsd } from '../core/money.ts';
import { API_REQUESTS, type ApiRequestsAnswer } from '../query/api-requests.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Value, View } from './view.ts';

interface RequestsOptions extends ReadingOptions {
  readonly month?: string;
}

const EXAMPLES = `
The API exports a span for each request that it served; each is matched by its id with what a client reported of it, and books nothing. Days
are those of UTC. How to set up the export: docs/api-spans.md.

Examples:
  ledgerline reconcile requests                      the current month
  ledgerline reconcile requests --month 2026-10
  ledgerline reconcile requests --from 2026-11-01 --to 2026-11-15 -o csv`;

export const requestsCommand = (terminal: Terminal): Command =>
  readingCommand<RequestsOptions, unknown, ApiRequestsAnswer>(terminal, {
    name: 'requests',
    description: 'requests that the API itself counted, and those of them that no client reported',
    examples: EXAMPLES,
    question: API_REQUESTS,
    shared: { where: false },
    options: (command) => command.option('--month <month>', 'a calendar month, such as 2026-10'),
    parameters: ({ options, parameters }) => {
      if (options.month !== undefined) parameters.set('month', options.month);
    },
    view: (answer, { nowMs }) => viewOf(answer, nowMs),
  });

const usd = (value: Value): string => displayUsd(parseUsd(String(value)) ?? 0n);
const words = (value: Value): string => printable(String(value));

function viewOf(answer: ApiRequestsAnswer, nowMs: number): View {
  return {
    headline: headline(answer),
    sections: [
      {
        title: 'By workspace and model of the API',
        columns: [
          { field: 'organization', show: words, priority: 4 },
          { field: 'workspace', show: words },
          { field: 'model', show: words },
          { field: 'counted_requests', title: 'counted', align: 'right' },
          { field: 'reported_requests', title: 'reported', align: 'right' },
          { field: 'not_reported_requests', title: 'not reported', align: 'right' },
          { field: 'counted_cost_usd_list', title: 'list cost', align: 'right', show: usd, priority: 2 },
          { field: 'not_reported_cost_usd_list', title: 'of it not reported', align: 'right', show: usd },
          { field: 'reported_cost_usd', title: 'as reported', align: 'right', show: usd, priority: 3 },
        ],
        rows: answer.workspaces.map(rowOf),
        empty: 'The API has exported no span for this time: docs/api-spans.md says how to set it up.',
      },
    ],
    notes: [...notCounted(answer), ageNote(answer, nowMs, 'Days are those of UTC.')],
  };
}

const rowOf = ({ organization, workspace, model, counted, reported, not_reported }: ApiRequestsAnswer['workspaces'][number]): Row => ({
  ...{ organization, workspace, model },
  counted_requests: counted.requests,
  reported_requests: reported.requests,
  not_reported_requests: not_reported.requests,
  counted_cost_usd_list: counted.cost_usd_list,
  not_reported_cost_usd_list: not_reported.cost_usd_list,
  reported_cost_usd: reported.cost_usd,
});

function headline({ total, completeness, days, range }: ApiRequestsAnswer): string {
  if (completeness === null) return `${range.words}: the API has counted nothing.`;
  const share = (Math.floor(completeness * 1_000) / 10).toFixed(1);
  const lost = `${withThousands(total.not_reported.requests)} requests for ${usd(total.not_reported.cost_usd_list)} at list price were never reported`;
  return `${range.words}: on ${days} ${days === 1 ? 'day' : 'days'} the API counted ${withThousands(total.counted.requests)} requests, of which clients reported ${share} %: ${lost}.`;
}

function notCounted({ by_day }: ApiRequestsAnswer): string[] {
  const requests = by_day.reduce((sum, { not_counted }) => sum + not_counted.requests, 0);
  if (requests === 0) return [];
  const cost = by_day.reduce((sum, { not_counted }) => sum + (parseUsd(not_counted.cost_usd) ?? 0n), 0n);
  return [
    `Clients reported ${withThousands(requests)} requests for ${displayUsd(cost)} on these days that no span is about: of claude.ai logins, other providers or organizations.`,
  ];
}
