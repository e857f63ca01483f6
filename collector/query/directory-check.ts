/** GET /api/v1/directory/check: spend without a team and why, and what in the directory is twice, in vain or of nobody. */
import { z } from 'zod';
import type { DimensionName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { formatUsd, type PicoUsd } from '../core/money.ts';
import { PLACEMENT_FIELDS } from '../directory/placement.ts';
import { RULE_NAMES } from '../directory/rules.ts';
import { ANYTHING } from '../ledger/coverage-start.ts';
import type { LedgerSnapshot, Row } from '../ledger/ledger.ts';
import { SHARERS_MAX } from '../ledger/sessions.ts';
import { type AnswerOf, ageSchema, amountSchema, usdSchema } from './answer-schemas.ts';
import { directoryOf } from './asked-user.ts';
import { RANGE_SHAPES, type Range, rangeSchema, readRange, renderRange } from './compared-range.ts';
import { conflictsAt, deadRules, overlapsAt, tokensWithoutTeam } from './directory/flaws.ts';
import { KnownUsers } from './directory/known-users.ts';
import { suggestedMerges } from './directory/suggested-merges.ts';
import { REASON_WORDS, REASONS, type Reason, reasonFor } from './directory/unallocated.ts';
import { readCalendar, readCount } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderAmount } from './render.ts';
import { largestFirst, shareOf, total } from './totals.ts';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 10_000;
const listed = <Item extends z.ZodType>(item: Item) =>
  z.object({ count: z.number().int().describe('Of all, also those beyond the limit.'), rows: z.array(item) });

const reasonSchema = z
  .object({
    reason: z.enum(REASONS),
    message: z.string(),
    remedy: z.string().describe('Empty when nothing is to be done.'),
    cost_usd: usdSchema,
    share: z.number().nullable().describe('Of all spend, 0 to 1; null without spend.'),
    requests: amountSchema,
    names: listed(z.object({ name: z.string().describe('User or job; unallocated where there is none.'), cost_usd: usdSchema })).describe(
      'The largest first.',
    ),
  })
  .meta({ id: 'UnallocatedReason' });

const overlapSchema = z
  .object({
    user: z.string(),
    team: z.string().describe('The one that owns.'),
    reason: z.enum(['only', 'priority', 'most_specific', 'name']),
    others: z.array(z.string()),
  })
  .meta({ id: 'TeamOverlap' });

const conflictSchema = z
  .object({
    user: z.string(),
    field: z.enum(PLACEMENT_FIELDS),
    values: z.array(z.object({ feed: z.string(), value: z.string() })).describe('The first decides.'),
  })
  .meta({ id: 'FeedConflict' });

const ruleSchema = z.object({ feed: z.string(), section: z.enum([...RULE_NAMES, 'team_priority']), pattern: z.string() }).meta({ id: 'DeadRule' });

const answerSchema = z
  .object({
    range: rangeSchema,
    cost_usd: usdSchema.describe('All spend of the time range.'),
    unallocated_usd: usdSchema.describe('Without a team.'),
    unallocated_share: z.number().nullable().describe('Of all spend, 0 to 1; null without spend.'),
    reasons: z.array(reasonSchema).describe('The largest first. By the directory as it is now, on each day of the spend.'),
    merges: listed(z.object({ name: z.string(), user: z.string() })).describe('Names that the ledger still has and that are aliases of a user now.'),
    suggested_merges: listed(z.object({ name: z.string(), user: z.string(), sessions: z.number().int() })).describe(
      `Names that had a part of the same sessions, of at most ${SHARERS_MAX} users each, and that the directory does not know as two users: most likely one.`,
    ),
    tokens_without_team: z.array(z.string()),
    overlaps: listed(overlapSchema).describe('Users of several teams now.'),
    conflicts: listed(conflictSchema).describe('Users of whom two feeds say different things now.'),
    dead_rules: listed(ruleSchema).describe('Rules that nothing in the ledger matches.'),
    silent: listed(z.string()).describe('Users of the directory who never sent anything.'),
    ...ageSchema,
  })
  .meta({ id: 'DirectoryCheck' });
export type DirectoryCheckAnswer = AnswerOf<typeof answerSchema>;

interface CheckRequest {
  readonly range: Range;
  readonly calendar: CalendarOptions;
  readonly limit: number;
}

export const DIRECTORY_CHECK = question<CheckRequest, DirectoryCheckAnswer>({
  id: 'directory_check',
  path: '/directory/check',
  summary: 'Spend without a team and why, and what in the directory needs a hand.',
  description: 'Whoever sees a part of the ledger is answered about the spend of that part alone, and nothing about the directory itself.',
  parameters: {
    ...RANGE_SHAPES,
    limit: { schema: z.coerce.number().int().min(1).max(LIMIT_MAX).describe('Rows of each list.').meta({ default: LIMIT_DEFAULT }) },
  },
  answer: answerSchema,
  parse({ parameters }, { config, nowMs }) {
    const calendar = readCalendar(parameters, config);
    return { range: readRange(parameters, calendar, nowMs), calendar, limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX) };
  },
  ask: answerCheck,
});

async function answerCheck({ range, calendar, limit }: CheckRequest, asking: Asking): Promise<DirectoryCheckAnswer> {
  const { reader, config, now, scope } = asking;
  const nowMs = now();
  const known = new KnownUsers(await directoryOf(asking), asking.config);
  const read = await reader.snapshot(async (ledger) => ({
    ...(await readSpend(ledger, range, calendar, known)),
    seen: await readSeen(ledger),
    // Pseudonyms that the directory does not know cannot be merged.
    shared: config.attribution.pseudonymize ? [] : await ledger.sharedSessions(config.limits.query_rows),
  }));
  const { seen, shared, cost, reasons } = read;
  const unallocated = total(reasons.map((one) => one.cost));
  const isWhole = scope === 'all';
  const whole = <Item>(items: () => readonly Item[]): { count: number; rows: Item[] } => firstOf(isWhole ? items() : [], limit);
  const users = new Set(seen.user.map((user) => user.toLowerCase()));
  return {
    range: renderRange(range, calendar),
    ...{ cost_usd: formatUsd(cost), unallocated_usd: formatUsd(unallocated), unallocated_share: shareOf(unallocated, cost) },
    reasons: reasons.map((one) => renderReason(one, cost, limit)),
    merges: whole(() => mergesIn(seen.user, known, nowMs)),
    suggested_merges: whole(() => suggestedMerges(shared, known, nowMs)),
    tokens_without_team: isWhole ? [...tokensWithoutTeam(config, known.directory, nowMs)] : [],
    overlaps: whole(() => overlapsAt(known, nowMs).map(({ others, ...rest }) => ({ ...rest, others: [...others] }))),
    conflicts: whole(() => conflictsAt(known, nowMs).map(({ values, ...rest }) => ({ ...rest, values: [...values] }))),
    dead_rules: whole(() => deadRules(known.directory, rulesSeen(seen, known, asking), config.directory.team_priority)),
    silent: whole(() => known.usersAt(nowMs).filter((user) => known.directory.everyName(user).every((name) => !users.has(known.storedOf(name))))),
    ...freshnessOf(read.asOfMs, nowMs),
  };
}

const firstOf = <Item>(items: readonly Item[], limit: number) => ({ count: items.length, rows: items.slice(0, limit) });

/** Page by page: what has no team can be as many rows as users times days. */
async function readSpend(ledger: LedgerSnapshot, { fromMs, toMs }: Range, { timeZone }: CalendarOptions, known: KnownUsers) {
  const query = { measures: ['cost', 'requests'], fromMs, toMs, timeZone } as const;
  const { totals, asOfMs } = await ledger.query({ ...query, by: [], grain: 'total', where: [], rowsMax: 1 });
  const where = [{ dimension: 'team' as const, values: [''] }];
  const found: Reasons = new Map();
  for await (const page of ledger.rows({ ...query, by: ['user', 'job'], grain: 'day', where })) addReasons(found, page, known);
  const reasons = [...found].map(([reason, sum]) => ({ reason, ...sum })).sort((one, other) => largestFirst(one.cost, other.cost));
  return { cost: totals[0] ?? 0n, reasons, asOfMs };
}

const SEEN = ['user', 'repository', 'workspace'] as const satisfies readonly DimensionName[];
type Seen = Readonly<Record<(typeof SEEN)[number], readonly string[]>>;

/** Since the beginning. */
async function readSeen(ledger: LedgerSnapshot): Promise<Seen> {
  const valuesOf = async (name: DimensionName): Promise<readonly string[]> => {
    const values: string[] = [];
    for await (const page of ledger.rows({ measures: ANYTHING, by: [name], grain: 'total', timeZone: 'UTC', where: [] }))
      values.push(...page.flatMap(({ key: [value = ''] }) => (value === '' ? [] : [value])));
    return values;
  };
  return { user: await valuesOf('user'), repository: await valuesOf('repository'), workspace: await valuesOf('workspace') };
}

const rulesSeen = ({ user, repository, workspace }: Seen, known: KnownUsers, { config: { auth } }: Asking) => ({
  repositories: repository,
  workspaces: workspace,
  tokens: [...auth.tokens, ...auth.certificates].map(({ name }) => name),
  domains: user.map((one) => known.nameOf(one)).flatMap((name) => (name.includes('@') ? [name.slice(name.lastIndexOf('@') + 1)] : [])),
});

/** Names of the ledger that stand for another user now. */
function mergesIn(users: readonly string[], known: KnownUsers, nowMs: number) {
  return users.flatMap((stored) => {
    const name = known.nameOf(stored);
    const user = known.directory.canonical(name, nowMs);
    return known.storedOf(user) === stored.toLowerCase() ? [] : [{ name: showValue('user', name), user }];
  });
}

interface Spend {
  cost: PicoUsd;
  requests: bigint;
  readonly names: Map<string, PicoUsd>;
}
type Reasons = Map<Reason, Spend>;

function addReasons(found: Reasons, rows: readonly Row[], known: KnownUsers): void {
  for (const { startMs = 0, key, values } of rows) {
    const [user = '', job = ''] = key;
    const [cost = 0n, requests = 0n] = values;
    const reason = reasonFor(user, job, known, startMs);
    const sum = found.getOrInsertComputed(reason, () => ({ cost: 0n, requests: 0n, names: new Map() }));
    sum.cost += cost;
    sum.requests += requests;
    const name = job === '' ? showValue('user', user) : job;
    sum.names.set(name, (sum.names.get(name) ?? 0n) + cost);
  }
}

function renderReason(
  { reason, cost, requests, names }: Spend & { readonly reason: Reason },
  whole: PicoUsd,
  limit: number,
): z.infer<typeof reasonSchema> {
  const sorted = [...names].sort(([, one], [, other]) => largestFirst(one, other));
  return {
    ...{ reason, ...REASON_WORDS[reason], cost_usd: formatUsd(cost), share: shareOf(cost, whole), requests: renderAmount('requests', requests) },
    names: firstOf(
      sorted.map(([name, spent]) => ({ name, cost_usd: formatUsd(spent) })),
      limit,
    ),
  };
}
