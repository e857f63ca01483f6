/** ledgerline limits plan: the rate limits that so many users need. */
import type { Command } from 'commander';
import { LIMITS_PLAN, type LimitsPlanAnswer } from '../query/limits-plan.ts';
import { bar, sparkline } from './chart.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Section, Value, View, ViewColumn } from './view.ts';

interface PlanOptions extends ReadingOptions {
  readonly users?: string;
  readonly training?: string;
  readonly aws?: boolean;
}

const BAR = 10;

const EXAMPLES = `
Tokens are without cache reads, which do not count against rate limits. Limits to compare with are rate_limits in the configuration; see
docs/rate-limits.md. --aws prints the text that AWS asks for with a higher quota of Amazon Bedrock.

Examples:
  ledgerline limits plan                              for the users who are active now
  ledgerline limits plan --users 200
  ledgerline limits plan --users 200 --training 40    and a live session of 40, all active at once
  ledgerline limits plan --where model:claude-opus-5-5 --aws`;

export const limitsPlanCommand = (terminal: Terminal): Command =>
  readingCommand<PlanOptions, unknown, LimitsPlanAnswer>(terminal, {
    name: 'plan',
    description: 'tokens and requests per minute for so many users: recommended, measured, and what your limits leave',
    examples: EXAMPLES,
    question: LIMITS_PLAN,
    shared: { time: false },
    options: (command) =>
      command
        .option('--users <n>', 'users to plan for (default: those active in the last 7 days)')
        .option('--training <n>', 'users of a live training session')
        .option('--aws', 'print the request for a quota of Amazon Bedrock'),
    parameters: ({ options, parameters }) => {
      for (const key of ['users', 'training'] as const) if (options[key] !== undefined) parameters.set(key, options[key]);
    },
    view: (answer, { options, nowMs }) => (options.aws === true ? quotaView(answer) : planView(answer, nowMs)),
  });

const quotaView = ({ quota_request, measured_reason }: LimitsPlanAnswer): View => ({
  sections: [{ columns: [], rows: [], lines: quota_request?.split('\n') ?? [`There is nobody to plan for. ${measured_reason ?? ''} Give --users.`] }],
});

function planView(answer: LimitsPlanAnswer, nowMs: number): View {
  return {
    headline: headline(answer),
    sections: [
      rates(answer),
      ...(answer.measured?.per_user == null ? [] : [perUser(answer.measured.per_user)]),
      ...(answer.measured === null || answer.measured.teams.length < 2 ? [] : [teams(answer.measured)]),
      ...(answer.recommendation === null ? [] : [{ title: 'How it is computed', columns: [], rows: [], lines: dashes(answer.recommendation.words) }]),
      ...(answer.published === null ? [] : [published(answer.published, answer.users)]),
      headroom(answer),
      ...(answer.training === null ? [] : [training(answer.training)]),
      growth(answer),
    ],
    notes: [...(answer.measured_reason === null || answer.measured === null ? [] : [answer.measured_reason]), ageNote(answer, nowMs)],
  };
}

const dashes = (lines: readonly string[]): string[] => lines.map((line) => `- ${line}`);
const count = (value: number): string => withThousands(Math.round(value));
const users = (value: number): string => (value === 1 ? '1 user' : `${count(value)} users`);

function headline({ users: planned, recommendation, measured_reason }: LimitsPlanAnswer): string {
  if (recommendation === null) return `There is nobody to plan for. ${measured_reason ?? ''} Give --users.`;
  const { tokens_per_minute, requests_per_minute, basis } = recommendation;
  const from = basis === 'measured' ? 'from what was measured' : "by the provider's table";
  return `For ${users(planned)}: ${count(tokens_per_minute)} tokens and ${count(requests_per_minute)} requests per minute, ${from}.`;
}

const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${low.toLocaleString('en')} to ${high.toLocaleString('en')}`;

/** The provider's table, to see how far what was measured is from it. */
const published = ({ source, read_on, size, per_user: each, total }: NonNullable<LimitsPlanAnswer['published']>, planned: number): Section => ({
  title: 'Published',
  columns: [],
  rows: [],
  lines: dashes([
    `For ${users(planned)}: ${range(total.tokens_per_minute)} tokens and ${range(total.requests_per_minute)} requests per minute.`,
    `Each user, in teams of ${size}: ${range(each.tokens_per_minute)} and ${range(each.requests_per_minute)}.`,
    `${source}, read on ${read_on}.`,
  ]),
});

const spread = (priority: number): ViewColumn[] => [
  { field: 'p50', align: 'right', priority },
  { field: 'p95', align: 'right' },
  { field: 'p99', align: 'right' },
  { field: 'peak', align: 'right' },
];

/** What is recommended, measured and published, one below the other: tokens and requests by the minute. */
function rates({ measured, measured_reason }: LimitsPlanAnswer): Section {
  const rows: Row[] = (measured?.rates ?? []).map(({ rate, working, ...figures }) => ({ rate, ...figures, working_p95: working.p95 }));
  return {
    title:
      measured === null
        ? 'Measured by the minute'
        : `Measured by the minute: ${count(measured.minutes_with_use)} minutes with use in ${measured.days === 1 ? '24 hours' : `${measured.days} days`}`,
    columns: [
      { field: 'rate', title: 'per minute', show: (rate) => RATE_WORDS[String(rate)] ?? String(rate) },
      ...spread(2),
      { field: 'working_p95', title: 'p95 of working minutes', align: 'right', priority: 3 },
      { field: 'peak_at', title: 'busiest at (UTC)', priority: 4, show: (at) => String(at).slice(0, 16).replace('T', ' ') },
    ],
    rows,
    empty: measured_reason ?? 'Nothing was measured.',
  };
}

const RATE_WORDS: Readonly<Record<string, string>> = { users: 'users at once', input_tokens: 'input tokens', output_tokens: 'output tokens' };

const perUser = (own: NonNullable<NonNullable<LimitsPlanAnswer['measured']>['per_user']>): Section => ({
  title: `An active user: ${count(own.user_minutes)} minutes`,
  columns: [{ field: 'rate', title: 'per minute' }, ...spread(2)],
  rows: [
    { rate: 'tokens', ...own.tokens },
    { rate: 'requests', ...own.requests },
  ],
});

function teams({ teams: all, has_more_teams }: NonNullable<LimitsPlanAnswer['measured']>): Section {
  const largest = Math.max(1, ...all.map(({ tokens }) => tokens.p99));
  const drawn = (p99: Value): string => `${count(Number(p99)).padStart(count(largest).length)} ${bar(Number(p99) / largest, BAR)}`;
  return {
    title: has_more_teams ? `By team: the ${all.length} largest` : 'By team',
    columns: [
      { field: 'team' },
      { field: 'organization', priority: 5 },
      { field: 'users', align: 'right', priority: 3 },
      { field: 'tokens_p95', title: 'p95', align: 'right', priority: 4 },
      { field: 'tokens_p99', title: 'p99 tokens', align: 'left', cut: 'never', show: drawn },
      { field: 'tokens_peak', title: 'peak', align: 'right', priority: 2 },
      { field: 'requests_p99', title: 'p99 requests', align: 'right' },
      { field: 'users_peak', title: 'users at once', align: 'right', priority: 3 },
    ],
    rows: all.map(({ team, organization, users: of, tokens, requests, users_peak }) => ({
      ...{ team, organization, users: of, users_peak },
      ...{ tokens_p95: tokens.p95, tokens_p99: tokens.p99, tokens_peak: tokens.peak, requests_p99: requests.p99 },
    })),
  };
}

const percent = (ratio: Value): string => (typeof ratio === 'number' ? `${(ratio * 100).toFixed(1)} %` : 'unknown');
const share = (ratio: Value): string => (typeof ratio === 'number' ? `${percent(ratio).padStart(7)} ${bar(ratio, BAR)}` : percent(ratio));
/** "output tokens" of output_tokens_per_minute. */
const limited = (limit: string): string => limit.replace(/_per_minute$/, '').replaceAll('_', ' ');
const known = (value: Value): string => (typeof value === 'number' ? withThousands(value) : 'unknown');

const headroom = ({ headroom: limits }: LimitsPlanAnswer): Section => ({
  title: 'Your limits',
  columns: [
    { field: 'limit', title: 'per minute', show: (limit) => limited(String(limit)) },
    { field: 'per_minute', title: 'limit', align: 'right' },
    { field: 'p99_ratio', title: 'used at p99', align: 'left', cut: 'never', show: share },
    { field: 'peak_ratio', title: 'at peak', align: 'right', show: percent, priority: 2 },
    { field: 'remaining', align: 'right', show: known, priority: 3 },
    { field: 'users_supported', title: 'enough for users', align: 'right', show: known },
  ],
  rows: limits,
  empty: 'No rate_limits are configured.',
});

function training({
  users: many,
  tokens_per_minute,
  requests_per_minute,
  with_everyday,
  fits,
  words,
}: NonNullable<LimitsPlanAnswer['training']>): Section {
  const more =
    with_everyday === null
      ? []
      : [`With everyday use: ${count(with_everyday.tokens_per_minute)} tokens and ${count(with_everyday.requests_per_minute)} requests per minute.`];
  const missing = fits.filter(({ is_enough }) => !is_enough).map(({ limit }) => limit);
  const enough =
    fits.length === 0
      ? []
      : [missing.length === 0 ? 'Your limits are enough.' : `Your limits are not enough: ${missing.map(limited).join(' and ')} per minute.`];
  return {
    title: `A training session of ${users(many)}, all active at once: ${count(tokens_per_minute)} tokens and ${count(requests_per_minute)} requests per minute`,
    columns: [],
    rows: [],
    lines: dashes([...words, ...more, ...enough]),
  };
}

function growth({ growth: { weeks, users_per_week, tokens_per_week, reached } }: LimitsPlanAnswer): Section {
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${count(value)}`;
  const lines = [
    ...(weeks.length === 0 ? [] : [`Tokens of the last ${weeks.length} whole weeks: ${sparkline(weeks.map(({ tokens }) => tokens))}`]),
    users_per_week === null || tokens_per_week === null
      ? `The ledger covers ${weeks.length === 1 ? '1 whole week' : `${weeks.length} whole weeks`}: too few to say how use grows.`
      : `Change per week: ${signed(users_per_week)} users, ${signed(tokens_per_week)} tokens.`,
    ...reached.map(({ limit, at, weeks: ahead, reason }) => {
      const name = `${limited(limit)} per minute`;
      if (at === null || ahead === null) return `No date for the limit of ${name}. ${reason ?? ''}`;
      return ahead === 0 ? `The limit of ${name} is reached already.` : `The limit of ${name} is met on ${at.slice(0, 10)}, in ${ahead} weeks.`;
    }),
  ];
  return { title: 'Growth', columns: [], rows: [], lines: dashes(lines) };
}
