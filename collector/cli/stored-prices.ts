/** Prices as the collectors of the ledger have them, with what they have learnt by now. */
import type { Config } from '../config/config.ts';
import { KEPT_FILES } from '../config/data-folder.ts';
import { type LearntModels, learntTable, parseLearnt } from '../pricing/learn/learnt-file.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { openKeptFiles } from '../storage/open.ts';

/** Nothing where learning is switched off, though something may be kept. */
export async function storedLearnt(config: Config): Promise<LearntModels> {
  if (!config.prices.learn) return {};
  const files = await openKeptFiles(config);
  try {
    return parseLearnt(await files.read(KEPT_FILES.learntPrices));
  } finally {
    await files.close();
  }
}

export async function storedPrices(config: Config): Promise<PriceBook> {
  const table = learntTable(await storedLearnt(config));
  return configuredPrices(config, () => table);
}
