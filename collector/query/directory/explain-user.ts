/** How the directory finds where a user belongs, in sentences. Records may say more: a token or a repository may decide otherwise. */
import type { Directory, FeedPlacement } from '../../directory/directory.ts';
import type { Owner } from '../../directory/owner.ts';
import { PLACEMENT_FIELDS } from '../../directory/placement.ts';
import { resolve, type Source } from '../../directory/resolve.ts';

export function explainUser(name: string, directory: Directory, timeMs: number): readonly string[] {
  const user = directory.canonical(name, timeMs);
  const found = directory.placed(user, timeMs);
  const { team, cost_center } = resolve({ user }, directory, timeMs);
  return [
    ...directory.aliasSteps(name, timeMs).map(({ from, to, feed }) => `${from} is an alias of ${to} (${feed}).`),
    ...(found === undefined ? [`No feed of the directory knows ${user}.`] : found.feeds.flatMap(feedSentences)),
    ...(found?.owner === undefined ? [] : ownerSentences(found.owner)),
    ...(team?.by === 'domain' ? [`The rule for the domain of ${user} gives the team ${team.value}.`] : []),
    team === undefined
      ? 'So the directory gives no team: a token, the client or the repository of a record may.'
      : `So the team is ${team.value}, unless the token of a record names another.`,
    ...(cost_center === undefined ? [] : [`The cost center is ${cost_center.value}, ${COST_CENTER_WORDS[cost_center.by]}.`]),
  ];
}

function feedSentences({ feed, user, memberships, placement }: FeedPlacement): readonly string[] {
  const teams = memberships.flatMap(({ placement: { team } }) => team ?? []);
  const rest = PLACEMENT_FIELDS.filter((field) => field !== 'team').flatMap((field) =>
    placement[field] === undefined ? [] : [`${field} ${placement[field]}`],
  );
  const said = [...(teams.length === 0 ? [] : [teams.length === 1 ? `the team ${teams[0]}` : `the teams ${teams.join(', ')}`]), ...rest];
  return [`${feed} ${said.length === 0 ? `knows ${user}, and has no membership on that day` : `says of ${user}: ${said.join(', ')}`}.`];
}

function ownerSentences({ team, reason, others }: Owner): readonly string[] {
  if (reason === 'only') return [];
  const why = {
    priority: 'it comes first in directory.team_priority',
    most_specific: 'it lies deepest below others in the tree of teams',
    name: 'it is the first by name, and nothing else decides',
  }[reason];
  return [`Of ${[team, ...others].join(', ')}, ${team} owns the spend: ${why}.`];
}

const COST_CENTER_WORDS: Readonly<Record<Source, string>> = {
  user: 'as the directory says of the user',
  workspace: 'by the rule for the workspace',
  team: 'that of the team, or of the nearest one above it',
  domain: 'by the rule for the domain',
  token: 'by the token',
  client: 'as the client says',
  repository: 'by the rule for the repository',
  token_rule: 'by the rule for the token',
  default: 'by default',
};
