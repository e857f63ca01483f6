/** Everything that answers questions of sums. A new surface is one more entry of SURFACES; undefined: the question cannot be put there. */
import { dirname } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { fieldOf } from '../../../collector/query/render.ts';
import { outcome } from '../../cli/command.ts';
import { readParquet } from '../../exports/read-parquet.ts';
import { readCsv } from '../../exports/reading.ts';
import { call } from '../../mcp/clients.ts';
import { type Asked, type Measure, queryOf, wordsOf } from './asked.ts';
import { exact, keyOf, localDay, type Table } from './table.ts';

export interface Place {
  readonly url: string;
  readonly ledgerFile: string;
  readonly timeZone: string;
  readonly nowMs: number;
  /** By the name of the scope. */
  readonly tokens: Readonly<Record<string, { readonly token: string; readonly file: string }>>;
  readonly clients: Readonly<Record<string, Client>>;
}

/** What a surface does not show is left out; `cost` is the whole cost of those that show no table of other measures. */
export type Answered = (Partial<Table> & { readonly cost?: bigint }) | undefined;
export type Surface = (asked: Asked, place: Place) => Promise<Answered>;

type Row = Readonly<Record<string, unknown>>;

async function getBytes(path: string, query: URLSearchParams, { scope }: Asked, { url, tokens }: Place): Promise<Buffer> {
  const response = await fetch(`${url}${path}?${query}`, { headers: { authorization: `Bearer ${tokens[scope]?.token}` } });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status} ${path}?${query}: ${bytes}`);
  return bytes;
}

const get = async (path: string, query: URLSearchParams, asked: Asked, place: Place): Promise<string> =>
  (await getBytes(path, query, asked, place)).toString();

const getJson = async (path: string, query: URLSearchParams, asked: Asked, place: Place) => JSON.parse(await get(path, query, asked, place));

const periodOfStart = ({ grain, tz }: Asked, start: unknown): string => {
  if (grain === 'total') return '';
  return grain === 'quarter_hour' ? String(start) : localDay(Date.parse(String(start)), tz);
};

const valuesOf = (measures: readonly Measure[], row: Row, field = fieldOf): bigint[] =>
  measures.map((measure) => exact(measure, row[field(measure)]));

/** Exports ask for cost in any case, so they have rows of which all other measures are zero. */
function rowsOf(asked: Asked, rows: readonly Row[], field?: typeof fieldOf): Table['rows'] {
  const all = rows.map((row) => {
    const names = asked.by.map((name) => String(row[name]));
    return [keyOf(periodOfStart(asked, row.start), names), valuesOf(asked.measures, row, field)] as const;
  });
  return new Map(all.filter(([, values]) => values.some((value) => value !== 0n)));
}

const tableOf = (asked: Asked, { rows, totals }: { readonly rows: readonly Row[]; readonly totals: Row }): Table => ({
  rows: rowsOf(asked, rows),
  totals: valuesOf(asked.measures, totals),
});

/** None of the names has a comma or a quote in it. */
function csvRows(text: string): Row[] {
  const [head = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [columns[index] ?? '', cell])));
}

const rest: Surface = async (asked, place) => tableOf(asked, await getJson('/api/v1/spend', queryOf(wordsOf(asked)), asked, place));

const restCsv: Surface = async (asked, place) => {
  const query = queryOf(wordsOf(asked));
  query.set('format', 'csv');
  return { rows: rowsOf(asked, csvRows(await get('/api/v1/spend', query, asked, place))) };
};

const PAGES = 3;

const restPages: Surface = async (asked, place) => {
  const query = queryOf(wordsOf(asked));
  const { rows, totals } = await getJson('/api/v1/spend', query, asked, place);
  query.set('limit', String(Math.max(1, Math.ceil(rows.length / PAGES))));
  const all: Row[] = [];
  for (let next: unknown = ''; typeof next === 'string'; ) {
    if (next !== '') query.set('cursor', next);
    const page = await getJson('/api/v1/spend', query, asked, place);
    all.push(...page.rows);
    next = page.next;
  }
  return tableOf(asked, { rows: all, totals });
};

/** Rows of a report are days, weeks, months, or one. */
function reportArguments(asked: Asked): string[] | undefined {
  const { by, measures, grain, tz, from, to, where } = wordsOf(asked);
  // Without a time range it is about the running month.
  if (grain === 'quarter_hour' || (from === undefined && to === undefined)) return undefined;
  const period = grain === 'total' ? [] : ['--period', grain];
  const range = [...(from === undefined ? [] : ['--from', from]), ...(to === undefined ? [] : ['--to', to])];
  return ['report', '--by', by, '--measures', measures, '-z', tz, ...period, ...range, ...where.flatMap((filter) => ['--where', filter])];
}

async function reported(given: readonly string[], asked: Asked, { nowMs, timeZone }: Place): Promise<Answered> {
  const words = reportArguments(asked);
  if (words === undefined) return undefined;
  const print = async (format: string) =>
    (await outcome([...words, ...given, '-q', '-o', format], { now: nowMs, env: { LEDGERLINE_TIMEZONE: timeZone } })).text;
  const table = tableOf(asked, JSON.parse(await print('json')));
  const rows = rowsOf(asked, csvRows(await print('csv')));
  const [inJson, inCsv] = [table.rows, rows].map((some) => [...some].map(String).join('\n'));
  if (inJson !== inCsv) throw new Error(`JSON and CSV differ: ${inJson} and ${inCsv}`);
  return { totals: table.totals, rows };
}

const command: Surface = (asked, place) => reported(['--url', place.url, '--token-file', place.tokens[asked.scope]?.file ?? ''], asked, place);

/** Whoever may read the file sees everything. */
const commandOnFile: Surface = async (asked, place) =>
  asked.scope === 'all' ? reported(['--data', dirname(place.ledgerFile)], asked, place) : undefined;

async function exportOf(format: string, asked: Asked, place: Place): Promise<Buffer> {
  const query = queryOf(wordsOf(asked));
  query.set('format', format);
  if (asked.by.length === 0) query.set('by', '');
  return getBytes('/api/v1/export', query, asked, place);
}

const exported: Surface = async (asked, place) => {
  const lines = (await exportOf('jsonl', asked, place)).toString().split('\n').slice(0, -1);
  return {
    rows: rowsOf(
      asked,
      lines.map((line) => JSON.parse(line)),
      nameOf,
    ),
  };
};

const exportedParquet: Surface = async (asked, place) => ({
  rows: rowsOf(asked, await readParquet(await exportOf('parquet', asked, place)), nameOf),
});

/** Rows of charges, by day: their cost alone is that of the question. */
const charges =
  (format: string, costsOf: (bytes: Buffer) => Iterable<unknown> | Promise<Iterable<unknown>>): Surface =>
  async (asked, place) => {
    if (!asked.measures.includes('cost')) return undefined;
    const { by: _, measures: __, grain: ___, ...words } = wordsOf(asked);
    const query = queryOf({ ...words, by: '', measures: '', grain: '' });
    query.set('format', format);
    const costs = await costsOf(await getBytes('/api/v1/export', query, asked, place));
    return { cost: [...costs].reduce<bigint>((sum, cost) => sum + exact('cost', cost), 0n) };
  };

const csvColumn =
  (column: string) =>
  (bytes: Buffer): unknown[] =>
    readCsv(bytes.toString()).map((row) => row[column]);
const parquetColumn =
  (column: string) =>
  async (bytes: Buffer): Promise<unknown[]> =>
    (await readParquet(bytes)).map((row) => row[column]);
/** Its cost is a number as written, which a float would round. */
const ccusageTotal = (bytes: Buffer): unknown[] => [/"totals":\{.*"totalCost":([\d.]+)\}\}\s*$/s.exec(bytes.toString())?.[1]];
const nameOf: typeof fieldOf = (figure) => figure.replace(/^cost/, 'cost_usd');

const mcp: Surface = async (asked, place) => {
  const { by, measures, where, ...words } = wordsOf(asked);
  const client = place.clients[asked.scope];
  if (client === undefined) return undefined;
  const given = { ...words, measures: measures.split(','), ...(by !== '' && { by: by.split(',') }), ...(where.length > 0 && { where }) };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { structured, isError, text } = await call(client, 'spend', known);
  if (isError) throw new Error(text);
  const { rows, totals, next, left_out } = structured as { rows: readonly Row[]; totals: Row; next: unknown; left_out?: unknown };
  const isWhole = next === null && (left_out === undefined || left_out === null || Object.keys(Object(left_out)).length === 0);
  return { totals: valuesOf(asked.measures, totals), ...(isWhole && { rows: rowsOf(asked, rows) }) };
};

/** Sums of money alone, of the whole range. */
const costAlone =
  (path: string, costOf: (answer: Row) => unknown, more: Readonly<Record<string, string>> = {}): Surface =>
  async (asked, place) => {
    if (!asked.measures.includes('cost') || asked.from === undefined || asked.to === undefined) return undefined;
    const { by: _, measures: __, grain: ___, ...words } = wordsOf(asked);
    const query = queryOf({ ...words, by: '', measures: '', grain: '' });
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return { cost: exact('cost', costOf(await getJson(path, query, asked, place))) };
  };

const at =
  (...path: readonly string[]) =>
  (answer: unknown): unknown =>
    path.reduce<unknown>((value, name) => (value as Row)[name], answer);

export const SURFACES: Readonly<Record<string, Surface>> = {
  rest,
  'rest, csv': restCsv,
  'rest, in pages': restPages,
  'command over rest': command,
  'command on the file': commandOnFile,
  'export, jsonl': exported,
  'export, parquet': exportedParquet,
  'export, focus': charges('focus', csvColumn('EffectiveCost')),
  'export, focus-parquet': charges('focus-parquet', parquetColumn('EffectiveCost')),
  'export, aws-billing': charges('aws-billing', csvColumn('line_item_unblended_cost')),
  'export, ccusage': charges('ccusage', ccusageTotal),
  mcp,
  'a board': costAlone('/api/v1/boards/trust', at('coverage', 'cost_usd')),
  breakdown: costAlone('/api/v1/breakdown', at('total', 'cost_usd'), { by: 'team,model' }),
  analysis: costAlone('/api/v1/analysis', at('cost_usd')),
  'an explanation': costAlone('/api/v1/explain', at('cost_usd')),
};
