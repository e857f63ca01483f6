/** Teams that shared costs name in `shares` and `among`. Capitals tell no teams apart, and a team that nothing knows is a slip to be seen. */
import type { SharedCost } from '../../config/shared-costs.ts';
import type { Finding } from '../../core/finding.ts';
import type { Directory } from '../../directory/directory.ts';
import { anyCase } from '../../directory/names.ts';
import { knownFilters, knownSpellings } from '../known-values.ts';
import type { Asking } from '../question.ts';

export interface NamedTeams {
  /** As the ledger, else the directory, spells the team; the name itself where neither has it. */
  readonly spelling: (name: string) => string;
  readonly findings: readonly Finding[];
}

export async function namedTeams(rules: readonly SharedCost[], directory: Directory, reader: Asking['reader']): Promise<NamedTeams> {
  const listed = new Map(directory.names.placements.flatMap(({ team }) => (team === undefined ? [] : [[anyCase(team), team] as const])));
  const spelt = new Map<string, string>();
  const findings: Finding[] = [];
  for (const rule of rules) {
    for (const name of [...Object.keys(rule.shares ?? {}), ...(rule.among ?? [])]) {
      const [known = listed.get(anyCase(name))] = await knownSpellings('team', name, reader);
      if (known === undefined) findings.push(await unknownTeam(rule, name, reader));
      else spelt.set(name, known);
    }
  }
  return { spelling: (name) => spelt.get(name) ?? name, findings };
}

async function unknownTeam(rule: SharedCost, name: string, reader: Asking['reader']): Promise<Finding> {
  const { hints } = await knownFilters([{ dimension: 'team', values: [name] }], reader);
  const nearest = hints[0]?.nearest ?? null;
  return {
    code: 'shared_cost_team_unknown',
    severity: 'warning',
    message: `The shared cost "${rule.name}" names the team "${name}", which neither the ledger nor the directory has${nearest === null ? '.' : `; did you mean "${nearest}"?`}`,
    remedy: `Correct the name in directory.shared_costs, or add the team to the directory. Until then it ${rule.shares === undefined ? 'takes no part' : 'is charged under this name'}.`,
  };
}
