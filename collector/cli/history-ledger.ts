/** A running collector as an import of history sees it: what its ledger has of days and users, and how history gets in. */
import { IMPORT_ORIGINS } from '../catalog/imported.ts';
import type { MeasureName } from '../catalog/measures.ts';
import { ROUTES } from '../catalog/names.ts';
import { storedValue } from '../catalog/values.ts';
import { LedgerlineError } from '../core/error.ts';
import { parseUsd } from '../core/money.ts';
import { daysAfter } from '../imports/days.ts';
import { ADJUSTMENTS_AT_ONCE, isMoney } from '../imports/history/adjustments.ts';
import { HISTORY_MEASURES, type HistoryAmounts } from '../imports/history/amounts.ts';
import { HISTORY_DIMENSIONS, type HistoryDimensions, type HistoryRow, type LedgerFacts, userDay } from '../imports/history/plan.ts';
import type { DayRange } from '../imports/statements.ts';
import { fieldOf } from '../query/render.ts';
import type { remoteCollector } from './source.ts';

export interface Outcome {
  readonly appended: number;
  readonly duplicates: number;
  readonly expired: number;
}

type AliasesOf = (user: string, day: string) => readonly string[];
type Ask = ReturnType<typeof remoteCollector>;
type Row = Readonly<Record<string, string | number | null>>;
type Spend = { readonly rows: readonly Row[] };

export class HistoryLedger {
  readonly #ask: Ask;
  readonly #source: string;

  constructor(ask: Ask, source: string) {
    this.#ask = ask;
    this.#source = source;
  }

  /** Of these days in UTC, the oldest first. `aliasesOf`: every user that one in the ledger is. Of many users, the half at a time. */
  async facts(days: readonly string[], aliasesOf: AliasesOf): Promise<LedgerFacts> {
    try {
      return await this.#factsAtOnce({ from: days[0] ?? '', to: daysAfter(days.at(-1) ?? '', 1) }, aliasesOf);
    } catch (thrown) {
      if (!isOfTooManyRows(thrown)) throw thrown;
      if (days.length < 2) throw tooManyRows(days, thrown);
      const half = Math.ceil(days.length / 2);
      const parts = [await this.facts(days.slice(0, half), aliasesOf), await this.facts(days.slice(half), aliasesOf)];
      const all = (name: 'telemetry' | 'elsewhere'): ReadonlySet<string> => new Set(parts.flatMap((part) => [...part[name]]));
      return { telemetry: all('telemetry'), elsewhere: all('elsewhere'), booked: parts.flatMap(({ booked }) => booked) };
    }
  }

  async #factsAtOnce(days: DayRange, aliasesOf: AliasesOf): Promise<LedgerFacts> {
    const telemetry = new Set<string>();
    const elsewhere = new Set<string>();
    for (const row of await this.#spend(days, ['user', 'origin'], SIGNS)) {
      const origin = storedValue('origin', String(row.origin));
      if (origin === this.#source || !SIGNS.some((name) => amountOf(row, name) !== 0n)) continue;
      const found = origin === '' || isOfTranscripts(origin) ? telemetry : elsewhere;
      for (const user of aliasesOf(storedValue('user', String(row.user)), dayOf(row))) found.add(userDay(user, dayOf(row)));
    }
    const booked = await this.#spend(days, ['user', ...HISTORY_DIMENSIONS], HISTORY_MEASURES, [`origin:${this.#source}`]);
    return { telemetry, elsewhere, booked: booked.map(bookedRow) };
  }

  /** Of these months, as in "2026-10", those that take nothing any more. */
  async closedAmong(months: readonly string[]): Promise<ReadonlySet<string>> {
    const closed = new Set<string>();
    for (const month of months) {
      const answer = await this.#ask<{ readonly closed_months: readonly { readonly month: string }[] }>(`/api/v1/reconcile?month=${month}`);
      for (const one of answer.closed_months) closed.add(one.month);
    }
    return closed;
  }

  /** Part by part; `answered` is called after each, and stops it by answering false. */
  async book(adjustments: readonly object[], answered: (sent: number) => boolean): Promise<Outcome> {
    let total: Outcome = { appended: 0, duplicates: 0, expired: 0 };
    for (let at = 0; at < adjustments.length; at += ADJUSTMENTS_AT_ONCE) {
      const part = adjustments.slice(at, at + ADJUSTMENTS_AT_ONCE);
      const body = { source: this.#source, adjustments: part };
      const { appended, duplicates, expired } = await this.#ask<Outcome>(ROUTES.adjustments, { method: 'POST', body });
      total = { appended: total.appended + appended, duplicates: total.duplicates + duplicates, expired: total.expired + expired };
      if (!answered(at + part.length)) break;
    }
    return total;
  }

  async #spend({ from, to }: DayRange, by: readonly string[], measures: readonly string[], where: readonly string[] = []): Promise<readonly Row[]> {
    const asked = new URLSearchParams({ from, to, tz: 'UTC', grain: 'day', by: by.join(','), measures: measures.join(',') });
    for (const filter of where) asked.append('where', filter);
    return (await this.#ask<Spend>(`${ROUTES.spend}?${asked}`)).rows;
  }
}

/** The limit is in the collector's words, which its REST has no code for. */
const isOfTooManyRows = (thrown: unknown): boolean => thrown instanceof LedgerlineError && thrown.message.includes(ROWS_LIMIT);
const ROWS_LIMIT = 'limits.query_rows';

const tooManyRows = ([day = '']: readonly string[], cause: unknown): LedgerlineError =>
  new LedgerlineError('invalid', `${day} alone has more rows in the ledger than the collector answers with (${ROWS_LIMIT}).`, {
    hint: `Raise ${ROWS_LIMIT} in its configuration, restart it, and import again.`,
    cause,
  });

/** What a day of a user with telemetry has any of. */
const SIGNS = ['requests', 'cost', 'cost_events', 'cost_metrics', 'input_tokens', 'output_tokens'] as const;
/** They stand in for telemetry. */
const isOfTranscripts = (origin: string): boolean => IMPORT_ORIGINS.some((one) => one === origin);

const dayOf = ({ start }: Row): string => String(start).slice(0, 10);

function amountOf(row: Row, measure: MeasureName): bigint {
  const value = row[fieldOf(measure)] ?? 0;
  return isMoney(measure) ? (parseUsd(String(value)) ?? 0n) : BigInt(value);
}

function bookedRow(row: Row): HistoryRow {
  const dimensions = Object.fromEntries(HISTORY_DIMENSIONS.map((name) => [name, storedValue(name, String(row[name]))])) as HistoryDimensions;
  const amounts: HistoryAmounts = {};
  for (const name of HISTORY_MEASURES) {
    const amount = amountOf(row, name);
    if (amount !== 0n) amounts[name] = amount;
  }
  return { user: storedValue('user', String(row.user)), day: dayOf(row), dimensions, amounts };
}
