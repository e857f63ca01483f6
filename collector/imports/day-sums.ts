/** Rows of one day that say the same about themselves, added up: a line each, however many rows a gateway or a cloud has. */
import { LedgerlineError } from '../core/error.ts';
import type { PicoUsd } from '../core/money.ts';
import { STATEMENT_TEXTS, type StatementAmounts, type StatementLine, type StatementText } from './statement-line.ts';

export type LineTexts = { readonly [Text in StatementText]?: string | undefined };

interface Sum {
  readonly texts: LineTexts;
  billed: PicoUsd | undefined;
  list: PicoUsd | undefined;
  estimated: PicoUsd | undefined;
  tokens: number | undefined;
  requests: number | undefined;
}

/** What fits into memory: beyond it, a text that should be the same for many rows differs in each. */
const LINES_MAX = 1_000_000;

export class DaySums {
  readonly #days = new Map<string, Map<string, Sum>>();
  readonly #linesMax: number;
  #lines = 0;

  constructor(linesMax = LINES_MAX) {
    this.#linesMax = linesMax;
  }

  /** Throws LedgerlineError `too_large` for more different lines than fit. */
  add(day: string, texts: LineTexts, amounts: StatementAmounts): void {
    const sums = this.#days.getOrInsertComputed(day, () => new Map());
    const sum = sums.getOrInsertComputed(JSON.stringify(STATEMENT_TEXTS.map((name) => texts[name] ?? '')), () => this.#begun(texts));
    sum.billed = added(sum.billed, amounts.billed);
    sum.list = added(sum.list, amounts.list);
    sum.estimated = added(sum.estimated, amounts.estimated);
    sum.tokens = addedCounts(sum.tokens, amounts.tokens);
    sum.requests = addedCounts(sum.requests, amounts.requests);
  }

  linesOf(day: string): readonly StatementLine[] {
    const lines = this.#days.get(day)?.values().toArray() ?? [];
    return lines.map(({ texts, ...amounts }) => ({ ...texts, ...amounts }));
  }

  #begun(texts: LineTexts): Sum {
    if (++this.#lines > this.#linesMax) {
      throw new LedgerlineError('too_large', `There are more than ${this.#linesMax} different lines.`, {
        hint: 'Import fewer days at a time with --from and --to.',
      });
    }
    return { texts, billed: undefined, list: undefined, estimated: undefined, tokens: undefined, requests: undefined };
  }
}

const added = (sum: PicoUsd | undefined, amount: PicoUsd | undefined): PicoUsd | undefined =>
  sum === undefined || amount === undefined ? (sum ?? amount) : sum + amount;
const addedCounts = (sum: number | undefined, count: number | undefined): number | undefined =>
  sum === undefined || count === undefined ? (sum ?? count) : sum + count;
