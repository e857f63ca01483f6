/** What the collector learns about prices from the usage that arrives, kept in the data folder. */

import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { learntPricesFileOf } from '../config/data-folder.ts';
import { type Charged, PriceLearner } from '../pricing/learn/learner.ts';
import { readLearnt, writeLearnt } from '../pricing/learn/learnt-file.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';

export type Forget = (isToForget: (model: string) => boolean) => void;

export interface LearningPrices {
  readonly prices: PriceBook;
  readonly learn: ((charged: Charged) => void) | undefined;
  /** Forgets what was learnt of models with such names, also in the file. */
  readonly forget: Forget;
}

const WRITE_MS = 10_000;
const NOTHING = {};

/** What is not written yet is written when `stops` are called. */
export function startLearning(config: Config, log: Log, stops: (() => Promise<void>)[]): LearningPrices {
  if (!config.prices.learn) return { prices: configuredPrices(config, () => NOTHING), learn: undefined, forget: forgetInFile(config) };
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
  const forget: Forget = (isToForget) => {
    learner.forget(isToForget);
    write();
  };
  return { prices: configuredPrices(config, learner.table), learn: (charged) => learner.observe(charged), forget };
}

/** Where no collector learns. */
export const forgetInFile =
  (config: Config): Forget =>
  (isToForget) => {
    const file = learntPricesFileOf(config);
    const known = Object.entries(readLearnt(file));
    const left = known.filter(([model]) => !isToForget(model));
    if (left.length < known.length) writeLearnt(file, Object.fromEntries(left));
  };
