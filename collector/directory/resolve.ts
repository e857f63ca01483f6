/** Team, workspace, cost center and department of a record: who says it is asked in a fixed order, and the first that knows it wins. */
import type { Directory } from './directory.ts';
import type { Placement, PlacementField } from './placement.ts';

/** What is known of a record. */
export interface Subject {
  /** Canonical; undefined for jobs, and where nobody is named. */
  readonly user?: string | undefined;
  readonly repository?: string | undefined;
  /** Name of the token that it came with. */
  readonly tokenName?: string | undefined;
  /** What that token names itself, where it outranks the client. */
  readonly token?: Placement;
  /** The same where it only fills in what the client does not say. */
  readonly tokenLast?: Placement;
  /** What the client says. */
  readonly claimed?: Placement;
  /** The workspace where nobody names one. */
  readonly workspaceElse?: string | undefined;
}

/** Who said it. Rules are those of the directory: for a repository, a workspace, a team, the name of a token, the domain of an address. */
export type Source = 'token' | 'user' | 'client' | 'repository' | 'workspace' | 'team' | 'token_rule' | 'domain' | 'default';

export interface Said {
  readonly value: string;
  readonly by: Source;
}

export type Resolution = Readonly<Partial<Record<PlacementField, Said>>>;

export function resolve(subject: Subject, directory: Directory, timeMs: number): Resolution {
  const { user, repository, tokenName, token = {}, tokenLast = {}, claimed = {} } = subject;
  const placed = (user === undefined ? undefined : directory.person(user, timeMs)) ?? {};
  const byRepository = (repository === undefined ? undefined : directory.repository(repository, timeMs)) ?? {};
  const byToken = (tokenName === undefined ? undefined : directory.token(tokenName, timeMs)) ?? {};
  const byDomain = (user === undefined ? undefined : directory.domain(user, timeMs)) ?? {};
  const workspace = firstSaid([
    ['token', token.workspace],
    ['client', claimed.workspace],
    ['repository', byRepository.workspace],
    ['user', placed.workspace],
    ['token', tokenLast.workspace],
    ['token_rule', byToken.workspace],
    ['domain', byDomain.workspace],
    ['default', subject.workspaceElse],
  ]);
  const byWorkspace = (workspace === undefined ? undefined : directory.workspace(workspace.value, timeMs)) ?? {};
  const team = firstSaid([
    ['token', token.team],
    ['user', placed.team],
    ['client', claimed.team],
    ['repository', byRepository.team],
    ['token', tokenLast.team],
    ['workspace', byWorkspace.team],
    ['token_rule', byToken.team],
    ['domain', byDomain.team],
  ]);
  const ofOwner = (field: 'cost_center' | 'department'): Said | undefined =>
    firstSaid([
      ['user', placed[field]],
      ['workspace', byWorkspace[field]],
      ['team', team === undefined ? undefined : directory.teams.inherited(team.value, field, timeMs)?.value],
      ['client', claimed[field]],
      ['repository', byRepository[field]],
      ['token_rule', byToken[field]],
      ['domain', byDomain[field]],
    ]);
  return {
    ...stated('team', team),
    ...stated('workspace', workspace),
    ...stated('cost_center', ofOwner('cost_center')),
    ...stated('department', ofOwner('department')),
  };
}

const stated = (field: PlacementField, said: Said | undefined): Resolution => (said === undefined ? {} : { [field]: said });

function firstSaid(answers: readonly (readonly [Source, string | undefined])[]): Said | undefined {
  for (const [by, value] of answers) if (value !== undefined && value !== '') return { value, by };
  return undefined;
}
