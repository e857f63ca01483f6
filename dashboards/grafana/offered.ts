/** What a board can be narrowed by, as far as /metrics has the labels. */
import { VARIABLES, type VariableName } from '../../collector/catalog/board-variables.ts';
import type { Board } from '../../collector/catalog/panel.ts';
import { panelTargets } from './promql.ts';
import { ALL_FAMILIES, type Families } from './surroundings.ts';
import { NotExposed } from './target.ts';

/** What the board declares, without labels that an operator left out, and with the team where an operator added it to all that the board shows. */
export function offeredBy(board: Board, families: Families = ALL_FAMILIES): readonly VariableName[] {
  const left = board.variables.filter((name) => Object.values(families).some(({ labels }) => labels.includes(name)));
  const isByTeam = !left.includes('team') && left.length > 0 && canShowAll(board, [...left, 'team'], families);
  return VARIABLES.filter((name) => left.includes(name) || (isByTeam && name === 'team'));
}

const canShowAll = ({ rows }: Board, variables: readonly VariableName[], families: Families): boolean =>
  rows
    .flatMap(({ panels }) => panels)
    .every((panel) => {
      if (panel.query.source !== 'ledger') return true;
      try {
        return panelTargets(panel, { variables, families }).length > 0;
      } catch (error) {
        if (error instanceof NotExposed) return false;
        throw error;
      }
    });
