/** Which team a group of an identity provider is. */
import { anyCase } from './names.ts';

/** Group to team. Groups that are not named are no teams. */
export type GroupTeams = Readonly<Record<string, string>>;

/** Without a map each group is the team of its name. */
export function teamOfGroup(group: string, teams: GroupTeams | undefined): string | undefined {
  if (teams === undefined) return group;
  return Object.entries(teams).find(([name]) => anyCase(name) === anyCase(group))?.[1];
}
