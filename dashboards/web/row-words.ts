/** What rows stand for, in words: "1–25 of 2,000 users", "other: 1,985 users". */
import type { RowFilter, TableData } from '../../collector/query/boards/panel-data.ts';
import { wordsOf } from './format.ts';

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
  return (first <= 1 && shown === count) || shown === 0 ? all : `${whole.format(first)}–${whole.format(first + shown - 1)} of ${all}`;
}

/** How many there are, and which of them are shown. */
export function countText({ columns, rows, page }: TableData, search: string): string {
  if (page === undefined) return '';
  const labels = columns.filter(({ unit }) => unit === 'label');
  const [only] = labels;
  const word = only === undefined || labels.length > 1 ? 'row' : only.title.toLowerCase();
  return placeText(page, rows.length, word, search);
}
