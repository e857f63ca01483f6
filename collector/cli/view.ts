/** What a reading command shows of an answer: tables for a terminal, and the rows of them for CSV and --fields. */
import { FIGURE_NAMES, type FigureUnit, figureUnit } from '../catalog/figures.ts';
import { LedgerlineError } from '../core/error.ts';
import { displayUsd, parseUsd } from '../core/money.ts';
import { suggest } from '../core/suggest.ts';
import { toCsv } from '../query/csv.ts';
import { listed } from '../query/parameters.ts';
import { fieldOf } from '../query/render.ts';
import { type Column, percentText, printable, table, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';
import { wrapTo } from './width.ts';

export type Value = string | number | boolean | null | undefined;
export type Row = Readonly<Record<string, Value>>;

export interface ViewColumn extends Partial<Column> {
  /** In CSV, in JSON of --fields, and for --fields itself. */
  readonly field: string;
  /** Text of a cell. Without it: by the unit of the figure that the field is of, else the value as it is. */
  readonly show?: (value: Value, row: Row) => string;
  /** A table says it otherwise: for CSV and for --fields. */
  readonly isData?: true;
}

export interface Section {
  readonly title?: string;
  readonly columns: readonly ViewColumn[];
  readonly rows: readonly Row[];
  /** Values by field; set apart by a rule. */
  readonly total?: Row;
  /** Said where there are no rows: why. */
  readonly empty?: string;
  /** Sentences in the place of a table; wrapped where they begin: behind spaces, and behind the mark of an item ("- " or "→ "). */
  readonly lines?: readonly string[];
}

export interface View {
  readonly headline?: string;
  /** The first that is a table is what -o csv and --fields print. */
  readonly sections: readonly Section[];
  /** Below everything: age, completeness. */
  readonly notes?: readonly string[];
}

const UNITS: ReadonlyMap<string, FigureUnit> = new Map(FIGURE_NAMES.map((name) => [fieldOf(name), figureUnit(name)]));

/** A field as the title of its column: cost_usd is "cost". */
export const titleOf = (field: string): string =>
  field
    .replace(/_usd/, '')
    .replace(/_tokens$/, '')
    .replaceAll('_', ' ');

const isFigure = (field: string): boolean => UNITS.has(field) || field.endsWith('_usd');

/** A value of a field as people read it; '' where there is none. */
export function showField(field: string, value: Value): string {
  if (value === null || value === undefined || value === '') return '';
  if (!isFigure(field)) return typeof value === 'number' && Number.isSafeInteger(value) ? withThousands(value) : printable(String(value));
  const unit = UNITS.get(field) ?? 'usd';
  if (unit === 'usd') return displayUsd(parseUsd(String(value)) ?? 0n);
  if (unit === 'ratio') return percentText(Number(value));
  if (unit === 'seconds') return `${Number(value).toFixed(2)} s`;
  // A mean has decimals; what is counted is exact, however large.
  return typeof value === 'string' || Number.isInteger(value)
    ? withThousands(String(value))
    : Number(value).toLocaleString('en', { maximumFractionDigits: 2 });
}

const textOf = ({ field, show }: ViewColumn, row: Row): string => show?.(row[field], row) ?? showField(field, row[field]);

export function viewLines({ headline, sections, notes = [] }: View, terminal: Terminal): string[] {
  const parts = [
    ...(headline === undefined ? [] : [wrapTo(terminal.columns, headline).map((line) => paint(terminal, 'bold', line))]),
    ...sections.map((section) => sectionLines(section, terminal)),
    ...(notes.length === 0 ? [] : [notes.flatMap((note) => wrapTo(terminal.columns, note)).map((line) => paint(terminal, 'dim', line))]),
  ];
  return parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function sectionLines(section: Section, terminal: Terminal): string[] {
  const { title, lines } = section;
  const body = lines === undefined ? tableLines(section, terminal) : lines.flatMap((line) => indented(terminal.columns, line));
  return title === undefined ? body : [...wrapTo(terminal.columns, title).map((line) => paint(terminal, 'bold', line)), ...body];
}

function tableLines({ columns: all, rows, total, empty = 'Nothing.' }: Section, terminal: Terminal): string[] {
  if (rows.length === 0) return wrapTo(terminal.columns, empty);
  const columns = all.filter(({ isData }) => isData !== true);
  return table(
    terminal,
    columns.map((column) => ({ ...column, title: column.title ?? titleOf(column.field), align: alignOf(column, rows) })),
    rows.map((row) => columns.map((column) => textOf(column, row))),
    total && totalCells(columns, total),
  );
}

function indented(columns: number | undefined, line: string): string[] {
  const [indent = '', mark = ''] = /^( *)([-→] )?/.exec(line)?.slice(1) ?? [];
  const width = indent.length + mark.length;
  return wrapTo(columns && columns - width, line.slice(width)).map((part, index) => (index === 0 ? indent + mark : ' '.repeat(width)) + part);
}

/** Undefined where no column has one. */
function totalCells(columns: readonly ViewColumn[], total: Row): string[] | undefined {
  if (!columns.some(({ field }) => field in total)) return undefined;
  return columns.map((column, index) => (column.field in total ? textOf(column, total) : index === 0 ? 'total' : ''));
}

const alignOf = ({ align, field }: ViewColumn, rows: readonly Row[]): Column['align'] =>
  align ?? (isFigure(field) || rows.some((row) => typeof row[field] === 'number') ? 'right' : 'left');

/** The rows of the first table with the fields that are asked for, as they are in the answer. */
export function viewCsv(view: View): string {
  const { columns, rows } = firstTable(view) ?? { columns: [], rows: [] };
  return toCsv(
    columns.map(({ field }) => field),
    rows.map((row) => columns.map(({ field }) => csvCell(row[field]))),
  );
}

const csvCell = (value: Value): string | number => (typeof value === 'number' ? value : (value ?? '').toString());

export function viewJson(view: View): Row[] {
  const { columns, rows } = firstTable(view) ?? { columns: [], rows: [] };
  return rows.map((row) => Object.fromEntries(columns.map(({ field }) => [field, row[field] ?? null])));
}

const firstTable = ({ sections }: View): Section | undefined => sections.find(({ lines }) => lines === undefined);

/** The same view with these fields of its first table alone, in this order. Throws LedgerlineError `invalid` for one that it does not have. */
export function withFields(view: View, fields: string | undefined): View {
  const first = firstTable(view);
  if (fields === undefined || first === undefined) return view;
  const columns = listed(fields).map((field) => first.columns.find((column) => column.field === field) ?? refuseField(field, first));
  return { ...view, sections: [{ ...first, columns: columns.map(({ priority, isData, ...column }) => column) }] };
}

function refuseField(name: string, { columns }: Section): never {
  const known = columns.map(({ field }) => field);
  const nearest = suggest(name, known);
  throw new LedgerlineError(
    'invalid',
    `--fields: there is no field ${name.slice(0, 80)} here${nearest === undefined ? '.' : `; did you mean ${nearest}?`}`,
    {
      hint: `Fields: ${known.join(', ')}.`,
    },
  );
}

/** Without the columns that a narrow terminal would leave out. */
export const compacted = (view: View): View => ({
  ...view,
  sections: view.sections.map((section) => ({ ...section, columns: section.columns.filter(({ priority }) => priority === undefined) })),
});
