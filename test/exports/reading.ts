/** Exports read as other programs would read them. */
import { defaultConfig } from '../../collector/config/config.ts';
import { type ExportContext, type ExportTally, openExport } from '../../collector/exports/exports.ts';
import { parseExport } from '../../collector/exports/request.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import type { FilterHint } from '../../collector/query/known-values.ts';
import { NOW_MS } from './random-ledger.ts';

const PRICES = loadPriceBook();
/** One, as where requests are answered: the list prices are read once for each. */
const CONFIG = defaultConfig();

export const contextOver = (reader: LedgerReader): ExportContext => ({ reader, config: CONFIG, prices: PRICES });

export interface ReadExport {
  readonly bytes: Buffer;
  readonly tally: ExportTally;
  readonly hints: readonly FilterHint[];
}

export async function exported(query: string, context: ExportContext): Promise<ReadExport> {
  const request = parseExport(new URLSearchParams(query), { config: context.config, nowMs: NOW_MS });
  const opened = await openExport(request, context);
  return { bytes: Buffer.concat(await Array.fromAsync(opened.bytes)), tally: opened.tally, hints: opened.hints };
}

/** RFC 4180, quotes and line ends within them included. An empty cell is ''. */
export function readCsv(text: string): Record<string, string>[] {
  const lines: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, quoted, plain = '', end] = match;
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
  }
  const [columns = [], ...rows] = lines.slice(0, -1);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? 'missing'])));
}
