/**
 * Coarse roll-ups are filled once a quarter of an hour is over, some rows by each transaction that comes then: whichever line is measured in that
 * moment would pay for all lines before it. So what is due is asked of the ledger server before its time begins, by other exports.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { quarterOf } from '../../collector/core/calendar.ts';
import { SETTLED_MS } from '../../collector/ledger/engine.ts';
import { FINEST } from '../../collector/ledger/rollups.ts';
import { WatermarkReader } from '../../collector/storage/sqlite/rollup-watermark.ts';
import type { Bodies } from './bodies.ts';
import { ledgerFileIn } from './ledger-file.ts';
import { sendTo } from './measure.ts';
import type { Server } from './process.ts';

interface SettleOptions {
  readonly folder: string;
  readonly bodies: Bodies;
  /** Folder of the ledger. */
  readonly data: string;
  readonly lanes: number;
}

const EXPORTS_AT_ONCE = 2_000;

export async function settleRollups(ledger: Server, { folder, bodies, data, lanes }: SettleOptions): Promise<void> {
  const order = { file: join(folder, 'settling'), transport: 'http', encoding: 'protobuf', gzip: false } as const;
  while (areRollupsDue(ledgerFileIn(data), Date.now())) {
    await bodies.write({ ...order, load: 'live', signals: ['logs', 'metrics'], count: EXPORTS_AT_ONCE });
    await sendTo(ledger, { ...order, lanes, warmMs: 0, measureMs: 60_000 });
  }
}

/** Has the finest roll-up rows of quarters that are over and settled, and not in the coarse ones yet? */
export function areRollupsDue(file: string, nowMs: number): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const { bucket, dims } = new WatermarkReader(database).read();
    const due = database.prepare(`SELECT 1 FROM ${FINEST.table} WHERE (bucket, dims) >= (?, ?) AND bucket < ? LIMIT 1`);
    return due.get(bucket, dims, quarterOf(nowMs - SETTLED_MS)) !== undefined;
  } finally {
    database.close();
  }
}
