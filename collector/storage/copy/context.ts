/** What all parts of a copy work with. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { PATIENCE_MS, untilCommitted } from '../postgres/attempts.ts';
import type { Database, Transaction } from '../postgres/connection.ts';
import { lockCopy } from '../postgres/unfinished-copy.ts';
import type { EmbeddedSource } from './embedded-source.ts';
import { Progress } from './progress.ts';
import { TargetTables } from './target-tables.ts';

/** Of what is under way, such as "sessions 1200 of 5000". */
export type Say = (text: string) => void;

export interface CopyContext {
  readonly source: EmbeddedSource;
  readonly database: Database;
  readonly tables: TargetTables;
  readonly progress: Progress;
  readonly calendar: CalendarOptions;
  readonly slots: number;
  readonly say: Say;
  /** Again where that helps. What it does must have no effect the second time, or none at all without its commit. */
  readonly transaction: (run: (sql: Transaction) => Promise<void>, forget?: () => void) => Promise<void>;
}

export function contextOf(options: Pick<CopyContext, 'source' | 'database' | 'calendar' | 'slots' | 'say'>): CopyContext {
  const { database } = options;
  return {
    ...options,
    tables: new TargetTables(),
    progress: new Progress(database),
    transaction: (run, forget = () => undefined) =>
      untilCommitted(() => database.transaction((sql) => alone(sql, run), { attempts: 1 }), { untilMs: performance.now() + PATIENCE_MS, forget }),
  };
}

/** Of two copies that somebody runs at once, one waits for the other and sees what that has written. */
async function alone(sql: Transaction, run: (sql: Transaction) => Promise<void>): Promise<void> {
  await lockCopy(sql);
  await run(sql);
}
