/** Names to choose from in a filter, as the server finds them: page by page, and what is chosen already first. */
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { ask } from './client.ts';
import { shortAmount } from './format.ts';
import { type Selection, timeOrThisMonth, toSearch, valuesOf, without } from './state.ts';

/** More than a reader looks through; the search finds the others. */
const PAGE = '50';

export interface Choice {
  readonly value: string;
  /** Under the other filters; empty where there is none. */
  readonly amount: string;
}

export interface Choices {
  readonly list: readonly Choice[];
  /** How many there are, on all pages. */
  readonly count: number;
  /** Cursor of the next page. */
  readonly next: string | null;
}

interface Asked {
  readonly dimension: string;
  readonly selection: Selection;
  readonly search: string;
}

/** Without a choice the page is about this month. */
function pathOf({ dimension, selection }: Asked, more: Readonly<Record<string, string>>): string {
  return `/api/v1/spend${toSearch({ ...selection, timeRange: timeOrThisMonth(selection) }, { by: dimension, ...more })}`;
}

const choicesIn = ({ rows }: SpendAnswer, dimension: string): readonly Choice[] =>
  rows.map((row) => ({ value: String(row[dimension]), amount: shortAmount(row.cost_usd ?? null, 'usd') }));

/** Throws as `ask` does. */
export async function readChoices(asked: Asked, cursor: string | undefined, signal: AbortSignal): Promise<Choices> {
  const { dimension, selection, search } = asked;
  const others = { ...asked, selection: without(selection, dimension) };
  const more = { limit: PAGE, ...(search !== '' && { search }), ...(cursor !== undefined && { cursor }) };
  const { answer } = await ask<SpendAnswer>(pathOf(others, more), signal);
  const found = choicesIn(answer, dimension);
  if (cursor !== undefined) return { list: found, count: answer.count, next: answer.next };
  const known = new Set(found.map(({ value }) => value));
  const missing = valuesOf(selection, dimension).filter((value) => !known.has(value) && value.toLowerCase().includes(search.toLowerCase()));
  const chosen = missing.length === 0 ? [] : await readChosen(asked, missing, signal);
  return { list: [...chosen, ...found], count: answer.count, next: answer.next };
}

/** What is chosen stands first, with its amount, or without one where it has none. */
async function readChosen(asked: Asked, values: readonly string[], signal: AbortSignal): Promise<readonly Choice[]> {
  const { answer } = await ask<SpendAnswer>(pathOf(asked, {}), signal);
  const amounts = new Map(choicesIn(answer, asked.dimension).map(({ value, amount }) => [value, amount]));
  return values.map((value) => ({ value, amount: amounts.get(value) ?? '' }));
}
