/** What rows stand for, in words: "1–25 of 2,000 users", "other: 1,985 users". */
import type { RowFilter, TableData } from '../../collector/query/boards/panel-data.ts';
import { shortAmount, wordsOf } from './format.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

const plural = (word: string): string => (/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : /s$/.test(word) ? `${word}es` : `${word}s`);

const counted = (count: number, word: string): string => `${whole.format(count)} ${count === 1 ? word : plural(word)}`;

interface Named {
  readonly filters: readonly RowFilter[];
}

/** How many the rest is, named after what the other rows are about. */
export function restWords(rest: number, rows: readonly Named[]): string {
  const dimensions = new Set(rows.flatMap(({ filters }) => (filters.length === 1 ? filters.map(({ dimension }) => dimension) : [])));
  const [only] = dimensions;
  return only === undefined || dimensions.size > 1 ? `${whole.format(rest)} more` : counted(rest, wordsOf(only));
}

interface Place {
  /** Number of the first row that is shown, from 1. */
  readonly first: number;
  /** Of all pages. */
  readonly count: number;
}

/** "1–25 of 2,000 users", "11 users found". */
export function placeText({ first, count }: Place, shown: number, word: string, search: string): string {
  const all = search === '' ? counted(count, word) : `${counted(count, word)} found`;
  return (first <= 1 && shown === count) || shown === 0 ? all : `${rangeText({ first }, shown)} of ${all}`;
}

const rangeText = ({ first }: Pick<Place, 'first'>, shown: number): string => `${whole.format(first)}–${whole.format(first + shown - 1)}`;

/** "12 of 166 teams, $1,204.50 of $98,000.00": what a search has found, and of how much. */
function foundText({ columns, totals }: TableData, { of, totals: sums }: NonNullable<TableData['found']>, place: string, word: string): string {
  const words = `${place} of ${counted(of, word)}`;
  const index = sums.findIndex((total) => total !== null);
  const unit = columns[index]?.unit;
  if (unit === undefined || unit === 'label') return words;
  const [part, all] = [sums[index] ?? null, totals[index] ?? null].map((amount) => shortAmount(amount, unit));
  return `${words}, ${part} of ${all}`;
}

/** How many there are, and which of them are shown. */
export function countText(table: TableData): string {
  const { columns, rows, page, found } = table;
  if (page === undefined) return '';
  const labels = columns.filter(({ unit }) => unit === 'label');
  const [only] = labels;
  const word = only === undefined || labels.length > 1 ? 'row' : only.title.toLowerCase();
  if (found === undefined) return placeText(page, rows.length, word, '');
  const isPart = rows.length > 0 && rows.length < page.count;
  const place = isPart ? `${rangeText(page, rows.length)} of ${whole.format(page.count)} found,` : whole.format(page.count);
  return foundText(table, found, place, word);
}
