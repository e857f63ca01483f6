/** Models and users of imports, spelled as the ledger has them. */
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import type { ImportWorld } from '../imports/world.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { createModelReader } from '../ingest/claude-code/model-names.ts';

export function importWords({ attribution, models }: Pick<Config, 'attribution' | 'models'>): Pick<ImportWorld, 'modelOf' | 'userOf'> {
  const pseudonymize = loadPseudonymizer(attribution);
  const readModel = createModelReader(models.aliases);
  return {
    modelOf: (id) => {
      if (id === undefined || id === '') return {};
      const { model, region } = readModel(id);
      return region === undefined ? { model } : { model, region };
    },
    userOf: (name) => {
      if (name === undefined || name === '') return undefined;
      return pseudonymize === undefined ? normalizeUser(name) : pseudonymize(normalizeUser(name));
    },
  };
}
