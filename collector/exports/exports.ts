/** An export of the ledger: any time, dimensions and filters, in any format, a piece at a time, about one instant. */
import type { Config } from '../config/config.ts';
import type { LedgerReader, Row } from '../ledger/ledger.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { type FilterHint, knownFilters } from '../query/known-values.ts';
import type { Asking } from '../query/question.ts';
import { type UsagePage, usageRows } from '../query/usage-rows.ts';
import { ccusageBytes } from './ccusage.ts';
import { chargeTable } from './charge-table.ts';
import { csvBytes } from './csv.ts';
import { CUR_COLUMNS, USER_TAG } from './cur.ts';
import { focusColumns } from './focus/table.ts';
import { jsonLinesBytes } from './json-lines.ts';
import { parquetBytes } from './parquet.ts';
import type { ExportRequest } from './request.ts';
import type { Table } from './table.ts';
import { usageTable } from './usage-table.ts';

export interface ExportContext extends Pick<Asking, 'config' | 'prices'> {
  /** Sees what the asker may. */
  readonly reader: LedgerReader;
}

const published = new WeakMap<Config['prices'], PriceBook>();

/** The built-in prices where requests are answered, without the operator's own. */
function listPrices({ prices }: Config): PriceBook {
  const book = published.get(prices) ?? configuredPrices({ models: {}, prices });
  published.set(prices, book);
  return book;
}

/** What has been written so far. */
export interface ExportTally {
  /** Rows of the file; of ccusage: days and models. */
  rows: number;
  /** The booked cost in them, pico-dollars. */
  cost: bigint;
}

export interface OpenExport {
  /** When the ledger last committed, epoch milliseconds; undefined while it is empty. */
  readonly asOfMs: number | undefined;
  /** For each value of the filters that no record has. */
  readonly hints: readonly FilterHint[];
  /** To be read once, and to its end or return(). Rejects when the ledger cannot answer: what was written until then is no export. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Whole when `bytes` has ended. */
  readonly tally: Readonly<ExportTally>;
  /** Lets go of the ledger's snapshot where `bytes` is not read. Safe afterwards, too. */
  close(): Promise<void>;
}

/** Resolves when the first rows are there. */
export async function openExport(request: ExportRequest, context: ExportContext): Promise<OpenExport> {
  const { where, hints } = await knownFilters(request.query.where, context.reader);
  const query = { ...request.query, where };
  const usage = usageRows(query, context.reader);
  const first = await usage.next();
  const tally: ExportTally = { rows: 0, cost: 0n };
  const pages = counted(first, usage, query.measures.indexOf('cost'), tally);
  return {
    ...{ hints, tally, bytes: bytesOf({ ...request, query }, context, pages, tally) },
    asOfMs: first.done === true ? undefined : first.value.asOfMs,
    close: async () => {
      await usage.return(undefined);
    },
  };
}

async function* counted(
  first: IteratorResult<UsagePage, unknown>,
  others: AsyncGenerator<UsagePage>,
  costIndex: number,
  tally: ExportTally,
): AsyncGenerator<readonly Row[]> {
  try {
    for (let next = first; next.done !== true; next = await others.next()) {
      for (const { values } of next.value.rows) tally.cost += values[costIndex] ?? 0n;
      yield next.value.rows;
    }
  } finally {
    // Whoever stops reading lets the ledger's snapshot go.
    await others.return(undefined);
  }
}

function bytesOf(
  request: ExportRequest,
  context: ExportContext,
  pages: AsyncIterable<readonly Row[]>,
  tally: ExportTally,
): AsyncIterable<Uint8Array> {
  const { query } = request;
  const charges = {
    query,
    weekStart: context.config.week_start,
    tags: request.tags,
    prices: { list: listPrices(context.config), contracted: context.prices },
  };
  const usage = (): Table => countRows(usageTable(pages, query, request.measures), tally);
  const focus = (): Table => countRows(chargeTable(pages, { ...charges, columns: focusColumns(request.focus) }), tally);
  switch (request.format) {
    case 'csv':
      return csvBytes(usage());
    case 'jsonl':
      return jsonLinesBytes(usage());
    case 'parquet':
      return parquetBytes(usage());
    case 'focus':
      return csvBytes(focus());
    case 'focus-parquet':
      return parquetBytes(focus());
    case 'aws-billing':
      return csvBytes(countRows(chargeTable(pages, { ...charges, columns: CUR_COLUMNS, tagPrefix: USER_TAG }), tally));
    case 'ccusage':
      return ccusageBytes(countPages(pages, tally), query.timeZone);
  }
}

const countRows = (table: Table, tally: ExportTally): Table => ({ ...table, pages: countPages(table.pages, tally) });

async function* countPages<Item>(pages: AsyncIterable<readonly Item[]>, tally: ExportTally): AsyncIterable<readonly Item[]> {
  for await (const page of pages) {
    tally.rows += page.length;
    yield page;
  }
}
