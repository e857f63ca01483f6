/** What the boards over SQL can be narrowed by. */
import type { VariableName } from '../../../collector/catalog/board-variables.ts';
import type { Board } from '../../../collector/catalog/panel.ts';

export type Variables = readonly VariableName[];

/** What the board declares, and the team: SQL has it wherever it has the organization. */
export function variablesOf({ variables }: Board): Variables {
  if (!variables.includes('organization') || variables.includes('team')) return variables;
  const [organization = 'organization', ...others] = variables;
  return [organization, 'team', ...others];
}
