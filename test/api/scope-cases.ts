/** A made-up organization in which nobody shares a word with another team, and every kind of scope over it. */
import { createHash } from 'node:crypto';
import { configSchema } from '../../collector/config/config.ts';
import type { ReadScopeConfig } from '../../collector/config/read-scope.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { event, NOON } from '../support/entries.ts';
import type { Random } from '../support/random.ts';

const DAY = 86_400_000;

/** Names as the ledger stores them; '' is not known. */
interface Owner {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly workspace: string;
}

const USERS: readonly Omit<Owner, 'workspace'>[] = [
  { organization: 'borealis', team: 'kestrels', user: 'ada@borealis.example' },
  { organization: 'borealis', team: 'kestrels', user: 'bruno@borealis.example' },
  { organization: 'borealis', team: 'lynxes', user: 'carla@borealis.example' },
  { organization: 'borealis', team: '', user: 'dora@borealis.example' },
  { organization: 'meridian', team: 'ospreys', user: 'emil@meridian.example' },
  { organization: 'meridian', team: 'ospreys', user: '' },
];
const WORKSPACES = ['tundra', 'savanna', 'steppe', ''];

/** What a session says of itself names its owner, so that its names found elsewhere are a leak. */
const wordsOf = ({ team, user }: Omit<Owner, 'workspace'>): string => `${team || 'noteam'}-${user.split('@')[0] || 'nobody'}`;

export function randomSessions(random: Random): Entry[] {
  return Array.from({ length: 90 }, (_, index) => sessionOf(random, index)).flat();
}

function sessionOf(random: Random, index: number): Entry[] {
  const owner = random.pick(USERS);
  const workspace = random.pick(WORKSPACES);
  const startMs = NOON - 1 - random.below(70) * DAY - random.below(DAY);
  const words = wordsOf(owner);
  const known = Object.fromEntries(Object.entries({ ...owner, workspace }).filter(([, value]) => value !== ''));
  const dimensions = {
    ...known,
    repository: `repo-${words}-${workspace || 'nowhere'}`,
    cost_center: `center-${words}`,
    department: `department-${words}`,
    skill: `skill-${words}`,
    terminal: `terminal-${words}`,
    model: random.pick(['claude-opus-5-5', 'claude-haiku-5-5', `house-${words}`]),
  };
  return Array.from({ length: 1 + random.below(6) }, (_, number) => ({
    ...event({
      id: `${index} ${number}`,
      sessionId: `session-${words}-${String(index).padStart(3, '0')}`,
      timeMs: Math.min(NOON - 1, startMs + random.below(3_600_000)),
      cost: `${random.below(40)}.${random.below(1_000_000_000)}`,
      amounts: {
        ...{ requests: 1, input_tokens: random.below(4_000), output_tokens: random.below(4_000), cache_read_tokens: random.below(90_000) },
        ...{ lines_added: random.below(40), api_duration_ms: random.below(9_000), ...(random.chance(0.1) && { errors: 1 }) },
      },
    }),
    dimensions,
  }));
}

export const BUDGETS = [
  { name: 'everybody', scope: {}, period: 'month', amount_usd: '900.00', session_warning_usd: '20.00' },
  { name: 'borealis', scope: { organization: 'borealis' }, period: 'quarter', amount_usd: '700.00' },
  { name: 'kestrels', scope: { team: 'kestrels', organization: 'borealis' }, period: 'month', amount_usd: '200.00' },
  { name: 'lynxes', scope: { team: 'lynxes' }, period: 'month', amount_usd: '100.00' },
  { name: 'each', scope: {}, per: 'user', period: 'month', amount_usd: '50.00', rollover: true },
  {
    name: 'parts',
    scope: { team: 'kestrels' },
    period: 'month',
    amount_usd: '80.00',
    members: [{ user: 'ada@borealis.example', amount_usd: '30.00' }],
  },
  { name: 'tundra', scope: { workspace: 'tundra' }, period: 'week', amount_usd: '60.00' },
];

export interface ScopeCase {
  readonly name: string;
  readonly scope: ReadScopeConfig;
  readonly user?: string;
  sees(owner: Owner): boolean;
  /** Keys of the statuses that are shown. */
  readonly budgets: readonly string[];
}

export const SCOPES: readonly ScopeCase[] = [
  {
    name: 'organization',
    scope: { organizations: ['borealis'] },
    sees: ({ organization }) => organization === 'borealis',
    budgets: ['borealis', 'kestrels'],
  },
  {
    name: 'team',
    scope: { teams: ['kestrels'] },
    sees: ({ team }) => team === 'kestrels',
    budgets: ['kestrels', 'parts', 'parts/ada@borealis.example'],
  },
  {
    name: 'teams',
    scope: { teams: ['lynxes', 'ospreys'] },
    sees: ({ team }) => ['lynxes', 'ospreys'].includes(team),
    budgets: ['lynxes'],
  },
  { name: 'no-team', scope: { teams: ['unallocated'] }, sees: ({ team }) => team === '', budgets: [] },
  { name: 'workspace', scope: { workspaces: ['tundra'] }, sees: ({ workspace }) => workspace === 'tundra', budgets: ['tundra'] },
  {
    name: 'user',
    scope: 'self',
    user: 'Ada@Borealis.example',
    sees: ({ user }) => user === 'ada@borealis.example',
    budgets: ['each/ada@borealis.example', 'parts/ada@borealis.example'],
  },
  {
    name: 'team-in-organization',
    scope: { organizations: ['borealis'], teams: ['kestrels', 'ospreys'] },
    sees: ({ organization, team }) => organization === 'borealis' && ['kestrels', 'ospreys'].includes(team),
    budgets: ['kestrels'],
  },
  {
    name: 'users-in-workspace',
    scope: { workspaces: ['tundra', 'steppe'], users: ['ada@borealis.example', 'emil@meridian.example'] },
    sees: ({ workspace, user }) => ['tundra', 'steppe'].includes(workspace) && ['ada@borealis.example', 'emil@meridian.example'].includes(user),
    budgets: [],
  },
  { name: 'nobody', scope: { teams: ['no-such-team'] }, sees: () => false, budgets: [] },
];

export const ownerOf = ({ dimensions: { organization = '', team = '', user = '', workspace = '' } }: Entry): Owner => ({
  organization,
  team,
  user,
  workspace,
});

/** Every word that an entry tells its owner by, or that is its owner's. */
export const namesIn = (entries: readonly Entry[]): ReadonlySet<string> =>
  new Set(
    entries.flatMap(({ sessionId, dimensions: { model = '', ...others } }) => [
      sessionId,
      ...(model.startsWith('house-') ? [model] : []),
      ...Object.values(others).filter((value) => value !== ''),
    ]),
  );

/** The token of a case is its name. */
export const tokensOf = (cases: readonly ScopeCase[]) =>
  configSchema.parse({
    auth: {
      tokens: [
        ...cases.map(({ name, scope, user }) => ({ name, role: 'read', scope, ...(user !== undefined && { user }), sha256: hash(name) })),
        { name: 'everything', role: 'read', sha256: hash('everything') },
      ],
    },
  }).auth.tokens;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
export const bearer = (name: string) => ({ authorization: `Bearer ${name}` });
