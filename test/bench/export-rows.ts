/** How fast all rows come out of a ledger, and what that takes of memory: each in a process of its own, against SQLite alone. */
import { execFile } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FINEST } from '../../collector/ledger/rollups.ts';
import { columnsOf } from '../../collector/storage/sqlite/schema.ts';
import { EXPORTED, type ExportProcessResult } from './exported.ts';
import { megabytes, type Report, whole } from './report.ts';

const PROCESS = fileURLToPath(new URL('./export-process.ts', import.meta.url));
const AIM = 100_000;
const run = promisify(execFile);

interface ExportOptions {
  readonly file: string;
  /** Rows of the finest export. */
  readonly rowsWanted: number;
}

export async function benchExports({ file, rowsWanted }: ExportOptions, report: Report): Promise<void> {
  const rows: string[][] = [];
  const measure = async (name: string, kind: string): Promise<ExportProcessResult> => {
    const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', PROCESS, file, kind], { maxBuffer: 1e8 });
    const result = JSON.parse(stdout) as ExportProcessResult; // printed by our own process
    const perSecond = result.rows / result.busySeconds;
    rows.push([
      ...[name, whole(result.rows), whole(result.rows / result.seconds), whole(perSecond), (result.busySeconds / result.floorSeconds).toFixed(1)],
      ...[megabytes(result.rssAtMillion), megabytes(result.rssAtEnd)],
    ]);
    report.aim({
      name: `export: ${name}`,
      aim: `${whole(AIM)} rows/s or more`,
      measured: whole(perSecond),
      isMet: perSecond >= AIM,
    });
    return result;
  };
  await measure('rows by day, of user, workspace and model', 'day');
  await measure('the same as CSV', 'day-csv');
  enlarge(file, rowsWanted);
  const finest = await measure('rows by quarter of an hour, all dimensions', 'finest');
  await measure('the same as CSV', 'finest-csv');
  report.aim({
    name: `export: peak memory of ${whole(finest.rows)} rows over that of the first million`,
    aim: 'under 1.3',
    measured: (finest.rssAtEnd / finest.rssAtMillion).toFixed(2),
    isMet: finest.rssAtEnd < 1.3 * finest.rssAtMillion,
  });
  report.table('Exports', ['', 'rows', 'rows/s', 'rows/s at work', 'over SQLite alone', 'peak MB, 1st million', 'peak MB'], rows);
  report.note('SQLite alone: the same cells read in one statement and thrown away, in the same process.');
}

/** Lays the rows of the finest roll-up once more into the days before, until there are so many. Only exports at its own grain read no other. */
function enlarge(file: string, rowsWanted: number): void {
  const database = new DatabaseSync(file);
  const isRow = EXPORTED.map((name) => `${name} <> 0`).join(' OR ');
  const count = (): number => Number(database.prepare(`SELECT COUNT(*) AS rows FROM ${FINEST.table} WHERE ${isRow}`).get()?.rows);
  const names = columnsOf(database, FINEST.table).filter((name) => name !== 'bucket');
  const { first, last } = database.prepare(`SELECT MIN(bucket) AS first, MAX(bucket) AS last FROM ${FINEST.table}`).get() ?? {};
  const days = Math.ceil((Number(last) - Number(first) + 1) / 96);
  for (let times = 1; count() < rowsWanted && count() > 0; times++)
    database.exec(`INSERT OR IGNORE INTO ${FINEST.table} (bucket, ${names.join()})
      SELECT bucket - ${times * days * 96}, ${names.join()} FROM ${FINEST.table} WHERE bucket >= ${Number(first)}`);
  database.close();
}
