/** ledgerline session without an id: sessions with their tokens, with the flags and the JSON that people know from ccusage. */
import { USAGE_SESSIONS, type UsageSessionsAnswer } from '../query/usage-sessions.ts';
import { sessionsJson } from './ccusage-json.ts';
import { ageNote, type Reading, whyEmpty } from './reading-command.ts';
import { OUTPUT_AND_ORDER, orderOf, projectParameters, type UsageOptions, usageView, withUsage } from './usage.ts';
import type { ViewColumn } from './view.ts';

export interface SessionListOptions extends UsageOptions {
  readonly last?: string;
}

const EXAMPLES = `
Without an id: whole sessions that were last seen in the time range, the newest 50 or --last n; JSON is that of ccusage. With an id
(session.id in the telemetry, shown by /status in Claude Code): that session, and JSON is the response of GET /api/v1/sessions/{id}.

Examples:
  ledgerline session --last 20
  ledgerline session --since yesterday --where user:alice@example.com --breakdown
  ledgerline session 3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34
  ledgerline session 3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34 --requests
  ledgerline session 3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34 --json`;

/** Enough to name it in the next command. */
const ID_SHOWN = 8;

const MORE: readonly ViewColumn[] = [
  {
    field: 'last_seen',
    title: 'last seen',
    cut: 'never',
    priority: 1,
    show: (value) =>
      `${String(value ?? '')
        .slice(0, 16)
        .replace('T', ' ')}`,
  },
  { field: 'user' },
  { field: 'team', priority: 8 },
  { field: 'repository', priority: 7 },
];

export const SESSION_LIST: Reading<SessionListOptions, unknown, UsageSessionsAnswer> = {
  name: 'session',
  description: 'what sessions cost, or one of them',
  examples: EXAMPLES,
  question: USAGE_SESSIONS,
  lastWord: 'sessions',
  outputs: OUTPUT_AND_ORDER,
  options: withUsage,
  // Sessions are no unit of time: --last says how many.
  time: ({ options: { last: _, ...options } }) => ({ options }),
  parameters({ options, parameters }) {
    const order = orderOf(options);
    if (order !== undefined) parameters.set('order', order);
    if (options.last !== undefined) parameters.set('limit', options.last);
    projectParameters(options, parameters);
  },
  remarks: ({ rows, is_complete }, { options: { last } }) =>
    is_complete || last !== undefined ? [] : [`The newest ${rows.length} sessions; older ones are not here and not in the total. More with --last.`],
  view: (answer, { options, parameters, nowMs }) => ({
    ...usageView(
      answer.rows.map(({ session_id, last_seen, user, team, repository, full_id, ...usage }) => ({
        label: session_id,
        usage,
        more: { last_seen, user, team, repository, full_id },
      })),
      answer.totals,
      {
        options,
        field: 'session_id',
        title: 'session',
        show: (id) => id.slice(0, ID_SHOWN),
        empty: whyEmpty(answer, 'sessions', parameters),
        more: MORE,
      },
    ),
    notes: [ageNote(answer, nowMs, 'Times are UTC.')],
  }),
  json: (answer, { options }) => sessionsJson(answer, { withCost: options.cost }),
};
