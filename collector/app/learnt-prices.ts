/** What the collector learns about prices from the usage that arrives, kept in the data folder. */

import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { learntPricesFileOf } from '../config/data-folder.ts';
import { type Charged, PriceLearner } from '../pricing/learn/learner.ts';
import { readLearnt, writeLearnt } from '../pricing/learn/learnt-file.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';

export interface LearningPrices {
  readonly prices: PriceBook;
  readonly learn: ((charged: Charged) => void) | undefined;
}

const WRITE_MS = 10_000;
const NOTHING = {};

/** What is not written yet is written when `stops` are called. */
export function startLearning(config: Config, log: Log, stops: (() => Promise<void>)[]): LearningPrices {
  if (!config.prices.learn) return { prices: configuredPrices(config, () => NOTHING), learn: undefined };
  const file = learntPricesFileOf(config);
  const tables = new Set(configuredPrices(config, () => NOTHING).models);
  const learner = new PriceLearner(readLearnt(file), (model) => tables.has(model));
  const write = (): void => {
    if (!learner.takeChange()) return;
    try {
      writeLearnt(file, learner.models);
    } catch (error) {
      log('learnt_prices_failed', `Learnt prices could not be written to ${file}.`, { error });
    }
  };
  const timer = setInterval(write, WRITE_MS).unref();
  stops.push(async () => {
    clearInterval(timer);
    write();
  });
  return { prices: configuredPrices(config, learner.table), learn: (charged) => learner.observe(charged) };
}
