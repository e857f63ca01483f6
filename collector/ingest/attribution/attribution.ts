/**
 * The owner of usage: attributes of the record, the credentials it came with and the dated directory are asked in a fixed
 * order; docs/attribution.md has the order for operators.
 */

import type { Dimensions } from '../../catalog/measures.ts';
import { apartFromOther, normalizeUser } from '../../catalog/values.ts';
import type { Config } from '../../config/config.ts';
import { createDirectory, type Directory } from '../../directory/directory.ts';
import type { Placement } from '../../directory/placement.ts';
import { resolve } from '../../directory/resolve.ts';
import type { Credentials } from '../../server/auth.ts';
import type { Claims } from './claims.ts';
import { isJobOverruled, jobOf } from './job.ts';
import { read, readFirst, readOfResource } from './read-claims.ts';
import { repositoryOf } from './repository-name.ts';

export type Attributed = Pick<
  Dimensions,
  'organization' | 'team' | 'user' | 'workspace' | 'repository' | 'cost_center' | 'department' | 'job' | 'branch' | 'pull_request' | 'run'
>;
export type AttributionConfig = Config['attribution'];
type UserSource = AttributionConfig['user'][number];

export interface AttributionOptions {
  readonly attribution: AttributionConfig;
  /** Organization of records that name none; '' when there is none. */
  readonly organization: string;
  /** As it is now; a replacement is used from the next record on. */
  readonly directory?: (() => Directory) | undefined;
  /** Turns a user into a pseudonym; see pseudonym.ts. */
  readonly pseudonymize?: ((user: string) => string) | undefined;
  /** Jobs that tokens name. */
  readonly jobs?: readonly string[];
}

/** The result is shared and must not be changed. Facts of the directory hold at `timeMs`. */
export type Attribute = (claims: Claims, credentials: Credentials, timeMs: number) => Attributed;

/** Identity as Claude Code sends it. On a gateway session the identity provider speaks through user.email and user.id. */
const IDENTITY = {
  source: 'identity.source',
  gateway: 'gateway-oidc',
  email: 'user.email',
  account: ['user.account_uuid', 'user.account_id'],
  userId: 'user.id',
} as const;

/** Every attribute that attribution reads under this configuration, those of runs apart: all that the interpreter has to keep of any record. */
export function claimAttributes(config: AttributionConfig): ReadonlySet<string> {
  return new Set([
    IDENTITY.source,
    IDENTITY.email,
    ...IDENTITY.account,
    IDENTITY.userId,
    ...config.user_attributes,
    ...config.organization_attributes,
    ...config.team_attributes,
    ...config.workspace_attributes,
    ...config.repository_attributes,
    ...config.cost_center_attributes,
    ...config.department_attributes,
    ...config.job_attributes,
  ]);
}

interface Remembered {
  readonly credentials: Credentials;
  readonly directory: Directory;
  readonly attributed: Attributed;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The interpreter shares one Claims object between records that claim the same, so the answer is remembered by it. */
export function createAttribution(options: AttributionOptions): Attribute {
  const empty = createDirectory();
  const directoryNow = options.directory ?? (() => empty);
  const remembered = new WeakMap<Claims, Remembered>();
  const answers = (known: Remembered, credentials: Credentials, directory: Directory, timeMs: number): boolean =>
    known.credentials === credentials && known.directory === directory && timeMs >= known.fromMs && timeMs < known.toMs;
  return (claims, credentials, timeMs) => {
    const directory = directoryNow();
    const known = remembered.get(claims);
    if (known !== undefined && answers(known, credentials, directory, timeMs)) return known.attributed;
    const attributed = attribute(options, directory, claims, credentials, timeMs);
    remembered.set(claims, { credentials, directory, attributed, ...directory.steadyAround(timeMs) });
    return attributed;
  };
}

function attribute(options: AttributionOptions, directory: Directory, claims: Claims, credentials: Credentials, timeMs: number): Attributed {
  const config = options.attribution;
  const job = findJob(options, claims, credentials);
  // A job is nobody: its login is that of whoever set it up, and its installation is new in every run.
  const named = job === undefined ? findUser(config, claims, credentials) : undefined;
  const user = named === undefined ? undefined : directory.canonical(named, timeMs);
  const repository = repositoryOf(claims, config.repository_attributes);
  const [tokenFirst, tokenLast] = config.claims === 'client' ? [NO_TOKEN, credentials] : [credentials, NO_TOKEN];
  const { team, workspace, cost_center, department } = resolve(
    {
      ...{ user, repository, tokenName: credentials.name },
      ...{ token: tokenFirst, tokenLast, claimed: claimedPlacement(config, claims) },
      workspaceElse: config.workspace_from_repository ? repository : undefined,
    },
    directory,
    timeMs,
  );
  return withoutAbsent({
    organization: tokenFirst.organization || readFirst(claims, config.organization_attributes) || tokenLast.organization || options.organization,
    user: user !== undefined && options.pseudonymize !== undefined ? options.pseudonymize(user) : user,
    ...{ team: team?.value, workspace: workspace?.value, repository },
    ...{ cost_center: cost_center?.value, department: department?.value },
    ...runOf(config, claims, job),
  });
}

const claimedPlacement = (config: AttributionConfig, claims: Claims): Placement => ({
  team: readFirst(claims, config.team_attributes),
  workspace: readFirst(claims, config.workspace_attributes),
  cost_center: readFirst(claims, config.cost_center_attributes),
  department: readFirst(claims, config.department_attributes),
});

/** Of a job alone. What a run is about stands on its resource; a record may name the branch of one commit. */
function runOf(config: AttributionConfig, claims: Claims, job: string | undefined) {
  if (job === undefined) return {};
  const said = (names: readonly string[]): string | undefined => readOfResource(claims, names) ?? readFirst(claims, names);
  return { job, branch: said(config.branch_attributes), pull_request: said(config.pull_request_attributes), run: said(config.run_attributes) };
}

/** A user whom the token names or the gateway vouches for is no job, whatever its client says. */
function findJob(
  { attribution, jobs }: Pick<AttributionOptions, 'attribution' | 'jobs'>,
  claims: Claims,
  credentials: Credentials,
): string | undefined {
  const isUser =
    attribution.claims !== 'client' &&
    (credentials.user !== undefined || (attribution.claims === 'gateway' && USER_FINDERS.gateway(attribution, claims, credentials) !== undefined));
  return jobOf(claims, credentials, { attribution, jobs, isUser });
}

const NO_TOKEN: Credentials = {};

function withoutAbsent(found: { readonly [Name in keyof Attributed]: string | undefined }): Attributed {
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, apartFromOther(value)]])),
  );
}

type UserFinder = (config: AttributionConfig, claims: Claims, credentials: Credentials) => string | undefined;

const USER_FINDERS: Readonly<Record<UserSource, UserFinder>> = {
  gateway: (_config, claims) =>
    read(claims, IDENTITY.source) === IDENTITY.gateway ? (read(claims, IDENTITY.email) ?? read(claims, IDENTITY.userId)) : undefined,
  email: (_config, claims) => read(claims, IDENTITY.email),
  account: (_config, claims) => readFirst(claims, IDENTITY.account),
  token: (_config, _claims, credentials) => credentials.user,
  attribute: (config, claims) => readFirst(claims, config.user_attributes),
  user_id: (_config, claims) => read(claims, IDENTITY.userId),
};

/** Those that outrank the order of the configuration, then those of it. What the token does not name, clients say. */
const SOURCES_FIRST: Readonly<Record<AttributionConfig['claims'], readonly UserSource[]>> = {
  token: ['token'],
  gateway: ['gateway', 'token'],
  client: [],
};

const sourcesOf = (config: AttributionConfig): readonly UserSource[] => [...new Set([...SOURCES_FIRST[config.claims], ...config.user])];

function findUser(config: AttributionConfig, claims: Claims, credentials: Credentials): string | undefined {
  for (const source of sourcesOf(config)) {
    const user = USER_FINDERS[source](config, claims, credentials);
    if (user !== undefined && user !== '') return normalizeUser(user);
  }
  return undefined;
}

function namesBy(sources: readonly UserSource[], config: AttributionConfig, claims: Claims, credentials: Credentials): readonly string[] {
  const names = sources.map((source) => USER_FINDERS[source](config, claims, credentials));
  return [...new Set(names.flatMap((name) => (name === undefined || name === '' ? [] : [normalizeUser(name)])))];
}

/** Every name that the client or its token gives the person: what one signal lacks, another may have. */
export const namesOf = (config: AttributionConfig, claims: Claims, credentials: Credentials): readonly string[] =>
  namesBy(sourcesOf(config), config, claims, credentials);

/** What a token can name. */
export type TokenName = 'organization' | 'team' | 'user' | 'workspace' | 'job';

/** Sources by which people are named; ids of accounts and installations are others for the same person. */
const BY_NAME: readonly UserSource[] = ['gateway', 'email', 'attribute'];
const OF_CLIENT: readonly UserSource[] = [...BY_NAME, 'account', 'user_id'];

/** Of what the token names, what the client claims otherwise and is overruled in. `canonical`: the user that a name stands for. */
export function overruledIn(
  config: AttributionConfig,
  claims: Claims,
  credentials: Credentials,
  canonical: (name: string) => string = (name) => name,
): readonly TokenName[] {
  if (config.claims === 'client') return [];
  const differs = (own: string | undefined, attributes: readonly string[]): boolean => {
    const claimed = own === undefined || own === '' ? undefined : readFirst(claims, attributes);
    return claimed !== undefined && claimed !== own;
  };
  const names: TokenName[] = [];
  if (differs(credentials.organization, config.organization_attributes)) names.push('organization');
  if (differs(credentials.team, config.team_attributes)) names.push('team');
  if (isUserOverruled(config, claims, credentials, canonical)) names.push('user');
  if (differs(credentials.workspace, config.workspace_attributes)) names.push('workspace');
  if (isJobOverruled(config, claims, credentials)) names.push('job');
  return names;
}

function isUserOverruled(config: AttributionConfig, claims: Claims, credentials: Credentials, canonical: (name: string) => string): boolean {
  if (credentials.user === undefined || findUser(config, claims, credentials) !== normalizeUser(credentials.user)) return false;
  const isNamed = namesBy(BY_NAME, config, claims, credentials).length > 0;
  const userOf = (name: string): string => normalizeUser(canonical(name));
  const own = userOf(normalizeUser(credentials.user));
  return isNamed && namesBy(OF_CLIENT, config, claims, credentials).every((name) => userOf(name) !== own);
}
