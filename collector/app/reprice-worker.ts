/** A thread for one repricing: it reads the ledger and prices, and hands what is to be booked to the writer's. Wires only. */
import type { Config } from '../config/config.ts';
import { type Protocol, serveWorker, type WorkerParent, type WorkerService } from '../core/worker-rpc.ts';
import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import type { AskedRepricing, RepricingOutcome } from '../ledger/repricing-record.ts';
import { configuredPrices } from '../pricing/load.ts';
import { openRepricingReader } from '../storage/open.ts';
import { digestOfBook, reprice } from './reprice.ts';

export interface RepriceWorkerProtocol extends Protocol {
  readonly options: { readonly config: Config; readonly asked: AskedRepricing; readonly isApplied: boolean };
  /** Digest of the prices, and how many entries there are. */
  readonly ready: { readonly book: string; readonly entries: number };
  readonly worker: { run(): RepricingOutcome; cancel(): void };
  readonly parent: { append(entries: readonly Entry[]): AppendOutcome };
  readonly toWorker: never;
  /** Entries that were looked at. */
  readonly toParent: number;
}

async function start(
  { config, asked, isApplied }: RepriceWorkerProtocol['options'],
  parent: WorkerParent<RepriceWorkerProtocol>,
): Promise<WorkerService<RepriceWorkerProtocol>> {
  const prices = configuredPrices(config);
  const reader = await openRepricingReader(config);
  let isCancelled = false;
  const run = (): Promise<RepricingOutcome> =>
    reprice({
      ...{ reader, prices, part: asked, onProgress: (entries) => parent.post(entries), isCancelled: () => isCancelled },
      append: isApplied ? (entries) => parent.request('append', entries) : undefined,
    });
  const cancel = (): void => {
    isCancelled = true;
  };
  const ready = { book: digestOfBook(prices, config.prices), entries: await reader.entries() };
  return { ready, answers: { run, cancel }, close: () => reader.close() };
}

void serveWorker<RepriceWorkerProtocol>(start);
