/**
 * What the collector learns about prices from the usage that arrives, kept in the data folder, where its threads read it. Replicas of a shared ledger
 * put together what each of them learnt, so that all have the same prices some seconds later.
 */
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { KEPT_FILES, learntPricesFileOf } from '../config/data-folder.ts';
import type { KeptFiles } from '../core/kept-files.ts';
import { type Charged, PriceLearner } from '../pricing/learn/learner.ts';
import { type LearntModels, learntText, parseLearnt, readLearnt, writeLearnt } from '../pricing/learn/learnt-file.ts';
import { mergedLearnt } from '../pricing/learn/merge-learnt.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { openKeptFiles } from '../storage/open.ts';

export type Forget = (isToForget: (model: string) => boolean) => Promise<void>;

export interface LearningPrices {
  readonly prices: PriceBook;
  readonly learn: ((charged: Charged) => void) | undefined;
  /** Forgets what was learnt of models with such names, also where it is kept. */
  readonly forget: Forget;
}

const WRITE_MS = 10_000;
const NOTHING = {};

/** What is not written yet is written when `stops` are called. */
export async function startLearning(config: Config, log: Log, stops: (() => Promise<void>)[]): Promise<LearningPrices> {
  if (!config.prices.learn) return { prices: configuredPrices(config), learn: undefined, forget: forgetLearnt(config) };
  const file = learntPricesFileOf(config);
  const tables = new Set(configuredPrices(config, () => NOTHING).models);
  const shared = config.storage.url === undefined ? undefined : await joinReplicas(config);
  const learner = new PriceLearner(shared?.known ?? readLearnt(file), (model) => tables.has(model));
  const write = async (): Promise<void> => {
    try {
      const isNew = await shared?.exchange(learner);
      if (learner.takeChange() || isNew === true) writeLearnt(file, learner.models);
    } catch (error) {
      log('learnt_prices_failed', `Learnt prices could not be written to ${file}.`, { error });
    }
  };
  if (shared !== undefined) writeLearnt(file, shared.known);
  const writing = oneAtATime(write);
  const timer = setInterval(() => void writing(), WRITE_MS).unref();
  stops.push(async () => {
    clearInterval(timer);
    await writing();
    await shared?.close();
  });
  const forget: Forget = (isToForget) => {
    learner.forget(isToForget);
    return writing();
  };
  return { prices: configuredPrices(config, learner.table), learn: (charged) => learner.observe(charged), forget };
}

/** After those that were asked for before. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(work);
    return last;
  };
}

interface Replicas {
  /** What all of them know at the start. */
  readonly known: LearntModels;
  /** Tells the others what was learnt since, and the learner what they did. Answers whether that was something. */
  exchange(learner: PriceLearner): Promise<boolean>;
  close(): Promise<void>;
}

async function joinReplicas(config: Config): Promise<Replicas> {
  const files = await openKeptFiles(config);
  const known = parseLearnt(await files.once(KEPT_FILES.learntPrices, () => Buffer.from(learntText({}))));
  /** What the learner was given last. */
  let base = known;
  return {
    known,
    async exchange(learner) {
      const mine = learner.models;
      const kept = isEqual(mine, base)
        ? parseLearnt(await files.read(KEPT_FILES.learntPrices))
        : await changed(files, (theirs) => mergedLearnt(base, mine, theirs));
      // Requests came meanwhile.
      const together = mergedLearnt(mine, learner.models, kept);
      const isNew = !isEqual(together, learner.models);
      learner.adopt(together);
      base = kept;
      return isNew;
    },
    close: () => files.close(),
  };
}

const isEqual = (one: LearntModels, other: LearntModels): boolean => JSON.stringify(one) === JSON.stringify(other);

async function changed(files: KeptFiles, change: (before: LearntModels) => LearntModels): Promise<LearntModels> {
  let after: LearntModels = {};
  await files.change(KEPT_FILES.learntPrices, (bytes) => {
    const before = parseLearnt(bytes);
    after = change(before);
    return isEqual(before, after) ? undefined : Buffer.from(learntText(after));
  });
  return after;
}

/** Where no collector learns. */
export const forgetLearnt =
  (config: Config): Forget =>
  async (isToForget) => {
    const files = await openKeptFiles(config);
    try {
      await changed(files, (before) => Object.fromEntries(Object.entries(before).filter(([model]) => !isToForget(model))));
    } finally {
      await files.close();
    }
  };
