/** One export in a process of its own: `export-process.ts FILE day|day-csv|finest|finest-csv` prints its result as JSON. */
import { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES, type DimensionName } from '../../collector/catalog/measures.ts';
import { configSchema } from '../../collector/config/config.ts';
import { openExport } from '../../collector/exports/exports.ts';
import type { RowsQuery } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { usageRows } from '../../collector/query/usage-rows.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { EXPORTED, type ExportProcessResult } from './exported.ts';
import { CALENDAR } from './ledger-file.ts';

const PERSON: readonly DimensionName[] = ['organization', 'team', 'user', 'workspace', 'repository', 'model'];
const MILLION = 1e6;

const [, , file = '', kind = 'day'] = process.argv;
const isFinest = kind.startsWith('finest');
const query: RowsQuery = {
  ...{ measures: EXPORTED, by: isFinest ? DIMENSION_NAMES : PERSON, grain: isFinest ? 'quarter_hour' : 'day', timeZone: 'UTC', where: [] },
};

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

function floor(): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const table = isFinest ? 'rollup_quarter_hour' : 'rollup_day_person';
  const statement = database.prepare(`SELECT bucket, dims, ${EXPORTED.join()} FROM ${table}`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const cpu = process.cpuUsage();
  let cells = 0;
  for (const _ of statement.iterate()) cells++;
  database.close();
  return cells === 0 ? 0 : cpuSeconds(cpu);
}

const floorSeconds = floor();
const reader = openReader({ file, ...CALENDAR });
const [cpu, startedMs] = [process.cpuUsage(), performance.now()];
let [rows, rssAtMillion, rssAtEnd] = [0, 0, 0];

function note(count: number): void {
  rows = count;
  rssAtEnd = Math.max(rssAtEnd, process.memoryUsage.rss());
  if (rows <= MILLION || rssAtMillion === 0) rssAtMillion = rssAtEnd;
}

if (kind.endsWith('csv')) {
  const prices = loadPriceBook();
  const { bytes, tally } = await openExport(
    { format: 'csv', focus: '1.4', query, measures: EXPORTED, tags: [] },
    { reader, prices, config: configSchema.parse({}) },
  );
  for await (const _ of bytes) note(tally.rows);
} else {
  for await (const page of usageRows(query, reader)) note(rows + page.rows.length);
}
const seconds = (performance.now() - startedMs) / 1000;
await reader.close();
const result: ExportProcessResult = { rows, seconds, busySeconds: cpuSeconds(cpu), floorSeconds, rssAtMillion, rssAtEnd };
console.log(JSON.stringify(result));
