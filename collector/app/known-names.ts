/** Names that the operator has written down: the ledger keeps them apart, however many others there are. */
import type { DimensionName } from '../catalog/measures.ts';
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { loadDirectory } from '../directory/load.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';

type Names = Partial<Record<DimensionName, readonly string[]>>;

const named = (values: readonly (string | undefined)[]): string[] =>
  [...new Set(values)].flatMap((value) => (value === undefined || value === '' ? [] : [value]));

/** As stored. */
export function knownNames(config: Config): Names {
  const { people, placements } = loadDirectory(config).names;
  const pseudonymize = loadPseudonymizer(config.attribution) ?? ((user) => user);
  const { tokens } = config.auth;
  return {
    organization: named([config.organization, ...tokens.map(({ organization }) => organization)]),
    user: named([...people, ...tokens.map(({ user }) => user)]).map((user) => pseudonymize(normalizeUser(user))),
    team: named([...placements, ...tokens].map(({ team }) => team)),
    workspace: named([...placements, ...tokens].map(({ workspace }) => workspace)),
    job: named(tokens.map(({ job }) => (job?.endsWith('/*') === true ? undefined : job))),
    cost_center: named(placements.map(({ cost_center }) => cost_center)),
    department: named(placements.map(({ department }) => department)),
  };
}
