/** GET /api/v1/directory/users and /directory/users/{user}: who belongs where on a day, and how that is found. */
import { z } from 'zod';
import { normalizeUser } from '../catalog/values.ts';
import { DAY_MESSAGE, isDay, startOfDay } from '../core/day.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Directory, UserPlacement } from '../directory/directory.ts';
import { PLACEMENT_FIELDS } from '../directory/placement.ts';
import { resolve } from '../directory/resolve.ts';
import { type AnswerOf, instantSchema } from './answer-schemas.ts';
import { directoryOf } from './asked-user.ts';
import { csvPieces } from './csv.ts';
import { explainUser } from './directory/explain-user.ts';
import { KnownUsers } from './directory/known-users.ts';
import { badParameter, FORMAT_SHAPE, type Parameters, readCount } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { renderInstant } from './render.ts';

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 100_000;

const AT_SHAPE = {
  schema: z
    .string()
    .describe('The day, in UTC, at its end; or an instant. Without it: now.')
    .meta({ examples: ['2026-09-01'] }),
};

const placed = {
  team: z.string().nullable(),
  workspace: z.string().nullable(),
  cost_center: z.string().nullable(),
  department: z.string().nullable(),
};

const userSchema = z
  .object({
    user: z.string(),
    name: z.string().nullable().describe('What people call the user.'),
    ...placed,
    other_teams: z.array(z.string()).describe('Teams of the user that do not own the spend.'),
    aliases: z.array(z.string()).describe('Other names of the same user, at any time.'),
    feeds: z.array(z.string()).describe('That know the user; the first decides.'),
  })
  .meta({ id: 'DirectoryUser' });

const listSchema = z
  .object({ at: instantSchema, count: z.number().int().describe('Users of the directory.'), users: z.array(userSchema).describe('By name.') })
  .meta({ id: 'DirectoryUsers' });
export type DirectoryUsersAnswer = AnswerOf<typeof listSchema>;

const explainedSchema = z
  .object({
    asked: z.string(),
    at: instantSchema,
    is_known: z.boolean().describe('By any feed of the directory.'),
    ...userSchema.shape,
    steps: z.array(z.string()).describe('How the team is found, step by step.'),
  })
  .meta({ id: 'DirectoryUserExplained' });
export type DirectoryUserAnswer = AnswerOf<typeof explainedSchema>;

export const DIRECTORY_USERS = question<{ readonly atMs: number; readonly limit: number }, DirectoryUsersAnswer>({
  id: 'directory_users',
  path: '/directory/users',
  summary: 'The users of the directory, and where they belong.',
  description: 'For whoever sees the whole ledger.',
  parameters: {
    at: AT_SHAPE,
    limit: { schema: z.coerce.number().int().min(1).max(LIMIT_MAX).describe('Most users of the answer.').meta({ default: LIMIT_DEFAULT }) },
    format: FORMAT_SHAPE,
  },
  answer: listSchema,
  parse: ({ parameters }, { nowMs }) => ({ atMs: readAt(parameters, nowMs), limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX) }),
  async ask({ atMs, limit }, asking) {
    assertWhole(asking);
    const known = new KnownUsers(await directoryOf(asking), asking.config);
    const users = known.usersAt(atMs);
    return { at: renderInstant(atMs), count: users.length, users: users.slice(0, limit).map((user) => renderUser(user, known.directory, atMs)) };
  },
  csv: (_, { users }) =>
    csvPieces(
      ['user', 'name', ...PLACEMENT_FIELDS, 'other_teams', 'aliases', 'feeds'],
      users.map((one) => [
        ...[one.user, one.name ?? '', ...PLACEMENT_FIELDS.map((field) => one[field] ?? '')],
        ...[one.other_teams, one.aliases, one.feeds].map((list) => list.join(' ')),
      ]),
    ),
  csvName: () => 'directory-users',
});

export const DIRECTORY_USER = question<{ readonly asked: string; readonly atMs: number }, DirectoryUserAnswer>({
  id: 'directory_user',
  path: '/directory/users/{user}',
  summary: 'How a user gets its team, step by step.',
  description: 'By any name of the user. For whoever sees the whole ledger, and for users about themselves.',
  parameters: { at: AT_SHAPE },
  pathParameters: {
    user: {
      schema: z
        .string()
        .describe('Address, account or another name.')
        .meta({ examples: ['alice@example.com'] }),
    },
  },
  answer: explainedSchema,
  parse: ({ parameters, path }, { nowMs }) => ({ asked: path?.user ?? '', atMs: readAt(parameters, nowMs) }),
  async ask({ asked, atMs }, asking) {
    const directory = await directoryOf(asking);
    const name = normalizeUser(asked);
    const user = directory.canonical(name, atMs);
    const own = asking.asker.credentials.user;
    if (own === undefined || directory.canonical(normalizeUser(own), atMs) !== user) assertWhole(asking);
    return {
      ...{ asked, at: renderInstant(atMs), is_known: directory.placed(user, atMs) !== undefined },
      ...renderUser(user, directory, atMs),
      steps: [...explainUser(name, directory, atMs)],
    };
  },
});

function assertWhole({ scope }: Asking): void {
  if (scope === 'all') return;
  throw new LedgerlineError('forbidden', 'The directory is shown to those alone who see the whole ledger.', {
    hint: 'Use a token with the role read and no scope; about yourself you may ask with your own.',
  });
}

/** The end of a day, so that what begins on it is in. */
function readAt(parameters: Parameters, nowMs: number): number {
  const text = parameters.get('at');
  if (text === null) return nowMs;
  if (isDay(text)) return startOfDay(text) + DAY_MS - 1;
  const atMs = z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw badParameter('at', text, DAY_MESSAGE, 'Or give an instant such as 2026-09-01T10:15:00Z.');
  return atMs;
}

function renderUser(user: string, directory: Directory, atMs: number): z.infer<typeof userSchema> {
  const found: UserPlacement | undefined = directory.placed(user, atMs);
  const resolved = resolve({ user }, directory, atMs);
  const feeds = found?.feeds ?? [];
  return {
    user,
    name: feeds.find(({ displayName }) => displayName !== undefined)?.displayName ?? null,
    ...{ team: resolved.team?.value ?? null, workspace: resolved.workspace?.value ?? null },
    ...{ cost_center: resolved.cost_center?.value ?? null, department: resolved.department?.value ?? null },
    other_teams: [...(found?.owner?.others ?? [])],
    aliases: directory.everyName(user).filter((name) => name.toLowerCase() !== user.toLowerCase()),
    feeds: feeds.map(({ feed }) => feed),
  };
}
