/** Models and users of imports, spelled as the ledger has them. */
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { startOfDay } from '../core/day.ts';
import { HOUR_MS } from '../core/duration.ts';
import type { Directory } from '../directory/directory.ts';
import type { ImportWorld } from '../imports/world.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { createModelReader } from '../ingest/claude-code/model-names.ts';

/** An alias that begins or ends on a day holds for what has no time, if it holds at noon. */
const NOON_MS = 12 * HOUR_MS;

/** `directory`: with merges and SCIM, or users of lines are others than those of telemetry. */
export function importWords(
  { attribution, models }: Pick<Config, 'attribution' | 'models'>,
  directory: Pick<Directory, 'canonical'>,
): Pick<ImportWorld, 'modelOf' | 'userOf'> {
  const pseudonymize = loadPseudonymizer(attribution);
  const readModel = createModelReader(models.aliases);
  return {
    modelOf: (id) => {
      if (id === undefined || id === '') return {};
      const { model, region } = readModel(id);
      return region === undefined ? { model } : { model, region };
    },
    userOf: (name, day) => {
      if (name === undefined || name === '') return undefined;
      const user = directory.canonical(normalizeUser(name), day === undefined ? Date.now() : startOfDay(day) + NOON_MS);
      return pseudonymize === undefined ? user : pseudonymize(user);
    },
  };
}
