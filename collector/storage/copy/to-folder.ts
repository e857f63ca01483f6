/** From a database to files. */
import { refuseOtherCalendar } from '../postgres/calendar.ts';
import { Database } from '../postgres/connection.ts';
import { SETUP } from '../postgres/opening.ts';
import { checkSchema } from '../postgres/schema.ts';
import { readSlots } from '../postgres/slots.ts';
import type { Target } from '../postgres/target.ts';
import { refuseUnfinishedCopy } from '../postgres/unfinished-copy.ts';
import { type Copied, type CopyOptions, copyLedger } from './copy.ts';
import { EmbeddedTarget } from './embedded/target.ts';
import { copyError } from './failure.ts';
import { SharedSource } from './shared/source.ts';

/** An instant, the lock of those who write, and what is read beside. */
const CONNECTIONS = 4;

export interface CopyToFolderOptions extends CopyOptions {
  /** The shared ledger: its primary, which alone knows who writes. */
  readonly from: Target;
  /** An empty data folder, or one with a copy from there that was broken off. */
  readonly folder: string;
}

/** See copyLedger. */
export async function copyToFolder({ from, folder, ...options }: CopyToFolderOptions): Promise<Copied> {
  const { timeZone, weekStart } = options;
  const calendar = { timeZone, weekStart };
  const database = new Database(from, { ...SETUP, name: 'copy', max: CONNECTIONS });
  let target: EmbeddedTarget | undefined;
  try {
    await checkSchema(database);
    await refuseUnfinishedCopy(database);
    await refuseOtherCalendar(database, calendar);
    const source = new SharedSource({ database, target: from, calendar, slots: await readSlots(database) });
    target = new EmbeddedTarget(folder, source.name, calendar);
    return await copyLedger(source, target, options);
  } catch (error) {
    throw copyError(error);
  } finally {
    await target?.close();
    await database.close();
  }
}
