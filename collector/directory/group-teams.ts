/** Which team a group of an identity provider is. */
import { anyCase } from './names.ts';

/** Group to team. Groups that are not named are no teams. */
export type GroupTeams = Readonly<Record<string, string>>;

export type TeamOfGroup = (group: string) => string | undefined;

/** Without a map each group is the team of its name; of two spellings of one group the first holds. */
export function teamsOfGroups(teams: GroupTeams | undefined): TeamOfGroup {
  if (teams === undefined) return (group) => group;
  const known = new Map<string, string>();
  for (const [group, team] of Object.entries(teams)) known.getOrInsert(anyCase(group), team);
  return (group) => known.get(anyCase(group));
}
