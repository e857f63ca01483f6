/** A panel's rows from the ledger: its figures by its dimensions, in its window. */

import { figureWords } from '../../catalog/figure-titles.ts';
import { type FigureValue, figureValue, isSum, measuresOf } from '../../catalog/figure-values.ts';
import { DERIVED, type FigureName, figureUnit } from '../../catalog/figures.ts';
import type { DimensionName, MeasureName } from '../../catalog/measures.ts';
import type { LedgerQuery } from '../../catalog/panel.ts';
import { dimensionWords, windowTitle } from '../../catalog/titles.ts';
import { showValue } from '../../catalog/values.ts';
import { framedKey } from '../../core/framed.ts';
import type { QueryResult, Row } from '../../ledger/ledger.ts';
import type { BoardAnswers } from './board-answers.ts';
import { isCovered } from './compared.ts';
import { rowsQuestions } from './questions.ts';
import { type FigureColumn, inOrder, isNothing, type PanelRow, type PanelRows, REST, shareOf } from './rows.ts';

/** Sums of measures by name. */
type Sums = ReadonlyMap<MeasureName, bigint>;

interface Group {
  /** Stored values. */
  readonly key: readonly string[];
  /** How many it stands for, where the ledger has more than it answers one by one. */
  readonly groups?: number | undefined;
  /** Undefined where it may be among the others. */
  readonly now: Sums | undefined;
  /** In the window compared with. */
  readonly before: Sums | undefined;
}

/** At most `rowsMax` where the panel does not say how many; the others are its rest. */
export function ledgerRows(query: LedgerQuery, answers: BoardAnswers, rowsMax: number): PanelRows {
  const { figures, by, versus } = query;
  const questions = rowsQuestions(query, answers.asked);
  const now = answers.ledger(questions.now);
  const isKnown = questions.past !== undefined && isCovered(questions.past.timeRange, answers);
  const past = questions.past === undefined || !isKnown ? undefined : answers.ledger(questions.past);
  const comparison = versus === undefined ? 'none' : isKnown ? 'known' : 'unknown';
  const valuesOf = (group: Omit<Group, 'key'>): FigureValue[] => figures.flatMap((name) => compared(name, group, comparison));
  const groups = groupsOf(measuresOf(figures), now, past);
  const rows = groups
    .map((group) => ({ group, labels: shown(by, group.key), values: valuesOf(group) }))
    .filter((row) => by.length === 0 || !isNothing(row))
    .sort(inOrder);
  const ones = rows.filter(isOne);
  const cut = ones.slice(0, query.top ?? rowsMax);
  const beyond = [...ones.slice(cut.length), ...rows.filter((row) => !isOne(row))];
  const rest: PanelRow[] =
    beyond.length === 0 || (query.top !== undefined && !isSum(figures[0] ?? 'cost'))
      ? []
      : [{ labels: [REST], values: valuesOf(together(beyond.map(({ group }) => group))), rest: countOf(beyond.map(({ group }) => group)) }];
  return {
    labels: by.map((name) => ({ key: name, title: capital(dimensionWords(name)) })),
    figures: figures.flatMap((name) => columnsOf(name, query)),
    rows: [...cut.map(({ labels, values }) => ({ labels, values })), ...rest],
    totals: valuesOf(together(groups)),
  };
}

const isOne = ({ group }: { readonly group: Group }): boolean => group.groups === undefined;

/** How many groups these are, or stand for. */
export const countOf = (some: readonly { readonly groups?: number | undefined }[]): number => some.reduce((sum, { groups = 1 }) => sum + groups, 0);

export const shown = (by: readonly DimensionName[], key: readonly string[]): string[] => by.map((name, index) => showValue(name, key[index] ?? ''));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function columnsOf(name: FigureName, { versus }: LedgerQuery): FigureColumn[] {
  const column: FigureColumn = { key: name, title: figureWords(name), unit: figureUnit(name), isSum: isSum(name) };
  if (versus === undefined) return [column];
  return [
    column,
    { ...column, key: `${name}_versus`, title: `${column.title}, ${windowTitle(versus)}` },
    { ...column, key: `${name}_change`, title: `Change of ${column.title.toLowerCase()}`, isChange: true },
  ];
}

/** Now; and with a window to compare with: before, and the change. */
function compared(name: FigureName, { now, before: past }: Omit<Group, 'key'>, comparison: 'none' | 'known' | 'unknown'): FigureValue[] {
  const value = now === undefined ? null : figureOf(name, now);
  if (comparison === 'none') return [value];
  const before = comparison === 'unknown' || past === undefined ? null : figureOf(name, past);
  return [value, before, difference(value, before)];
}

function difference(now: FigureValue, before: FigureValue): FigureValue {
  if (now === null || before === null) return null;
  return typeof now === 'bigint' && typeof before === 'bigint' ? now - before : Number(now) - Number(before);
}

export const figureOf = (name: FigureName, sums: Sums): FigureValue => figureValue(name, (measure) => sums.get(measure) ?? 0n);

export const sumsOf = (measures: readonly MeasureName[], values: readonly bigint[]): Sums =>
  new Map(measures.map((name, index) => [name, values[index] ?? 0n]));

const NOTHING: Sums = new Map();

/** Every value that either window has. What a window has only among its others is not known of it. */
function groupsOf(measures: readonly MeasureName[], now: QueryResult, past: QueryResult | undefined): Group[] {
  const keyOf = (row: Row): string => framedKey(row.key);
  const before = new Map(past?.rows.map((row) => [keyOf(row), row]));
  const sums = ({ values }: Row): Sums => sumsOf(measures, values);
  const withOthers = [now, past].filter((window) => window?.rows.some((row) => row.groups !== undefined));
  /** Of a row that the window does not have; the others themselves are nothing where there are none. */
  const missing = (row: Row, window: QueryResult | undefined): Sums | undefined =>
    row.groups === undefined && withOthers.includes(window) ? undefined : NOTHING;
  const groups = now.rows.map((row): Group => {
    const old = before.get(keyOf(row));
    before.delete(keyOf(row));
    return { key: row.key, groups: row.groups, now: sums(row), before: old === undefined ? missing(row, past) : sums(old) };
  });
  const gone = [...before.values()].map((row): Group => ({ key: row.key, groups: row.groups, now: missing(row, now), before: sums(row) }));
  return [...groups, ...gone];
}

const together = (groups: readonly Group[]): Omit<Group, 'key'> => ({
  now: addUp(groups.map(({ now }) => now ?? NOTHING)),
  before: addUp(groups.map(({ before }) => before ?? NOTHING)),
});

export function addUp(all: readonly Sums[]): Sums {
  const total = new Map<MeasureName, bigint>();
  for (const sums of all) for (const [name, value] of sums) total.set(name, (total.get(name) ?? 0n) + value);
  return total;
}

/** Of figures side by side only the classes of tokens are parts of a whole: what events and metrics report, for one, is the same cost twice. */
export const arePartsOfTokens = (figures: readonly string[]): boolean => figures.every((name) => DERIVED.tokens.plus.some((part) => part === name));

/** A stat that is no sum: how many known values there are, or what share has none. */
export function summaryOf(query: LedgerQuery, rows: readonly Row[]): FigureValue {
  const [first = 'cost'] = query.figures;
  const measures = measuresOf(query.figures);
  const values = rows.map((row) => ({ isKnown: row.key[0] !== '', groups: row.groups, value: figureOf(first, sumsOf(measures, row.values)) }));
  if (query.summary === 'distinct') return countOf(values.filter(({ isKnown, value }) => isKnown && value !== null && Number(value) !== 0));
  const total = (some: typeof values) => some.reduce((sum, { value }) => sum + (typeof value === 'bigint' ? value : 0n), 0n);
  return shareOf(total(values.filter(({ isKnown }) => !isKnown)), total(values));
}
