/** Every answer that the panels of a board share, read before the first of them is computed. */

import type { GaugeName } from '../../catalog/gauges.ts';
import type { MeasureName } from '../../catalog/measures.ts';
import type { ReadScope } from '../../catalog/read-scope.ts';
import { ceilQuarter, floorQuarter, type TimeRange } from '../../core/time-range.ts';
import { turnWhileWanted } from '../../core/wanted.ts';
import { coverageStart } from '../../ledger/coverage-start.ts';
import type { Query, QueryResult } from '../../ledger/ledger.ts';
import type { GaugeCache } from '../gauges/cache.ts';
import type { GaugeContext, GaugeSample } from '../gauges/gauge.ts';
import { GAUGE_READERS } from '../gauges/registry.ts';
import { visibleBudgets } from '../visible-budgets.ts';
import type { BoardQuery, Question } from './board-query.ts';
import type { BudgetMemory } from './budget-memory.ts';
import { allStatuses, type BudgetsRead, budgetsWithin } from './budgets-read.ts';
import { type Outlook, readOutlook } from './outlook.ts';

/** A gauge as it is, or was, at an instant. */
export interface GaugeQuestion {
  readonly name: GaugeName;
  readonly atMs: number;
}

/** What panels have to know before they can be computed. */
export interface Plan {
  readonly questions: readonly Question[];
  readonly gauges: readonly GaugeQuestion[];
  /** What lies ahead of the time picked. */
  readonly outlook?: true;
  /** How many budgets are shown with a forecast. */
  readonly budgets?: number;
  /** Times that are compared with: of what the ledger does not know, zero is no figure. */
  readonly compared?: readonly TimeRange[];
}

/** Where answers come from. */
export interface AnswerSource extends Omit<GaugeContext, 'calendar' | 'nowMs' | 'where'> {
  readonly gauges: GaugeCache;
  /** What is known of budgets, and the revision of those in force. Undefined: they are evaluated anew. */
  readonly budgetsKnown?: { readonly memory: BudgetMemory; readonly revision: number };
  /** The collector's own series as text; empty where none of the panels shows them. */
  readonly selfText: string;
}

interface Known {
  readonly measures: readonly MeasureName[];
  readonly result: QueryResult;
}

/** Which rows a query adds up, whatever it adds up of them. */
const rowsOf = ({ measures: _, ...rows }: Query): string => JSON.stringify(rows);

/** Some of the measures of an answer; rows that have none of them are no rows. */
function only(measures: readonly MeasureName[], { measures: all, result }: Known): QueryResult {
  if (measures.length === all.length && measures.every((name, index) => name === all[index])) return result;
  const places = measures.map((name) => all.indexOf(name));
  const pick = (values: readonly bigint[]): bigint[] => places.map((place) => values[place] ?? 0n);
  const rows = result.rows.map((row) => ({ ...row, values: pick(row.values) })).filter(({ values }) => values.some((value) => value !== 0n));
  return { rows, totals: pick(result.totals), asOfMs: result.asOfMs };
}

export class BoardAnswers {
  readonly asked: BoardQuery;
  readonly selfText: string;
  readonly #source: AnswerSource;
  readonly #results = new Map<string, Known>();
  readonly #samples = new Map<string, readonly GaugeSample[]>();
  /** One for each instant: gauges remember by it what they have in common. */
  readonly #contexts = new Map<number, GaugeContext>();
  #outlook: Outlook | undefined;
  #budgets: BudgetsRead | undefined;
  #coveredFromMs: number | undefined;

  constructor(asked: BoardQuery, source: AnswerSource) {
    this.asked = asked;
    this.selfText = source.selfText;
    this.#source = source;
  }

  /**
   * Reads what the plan asks for. Panels ask for other figures of the same rows: the ledger adds up each set of rows once, for all
   * figures together. Whoever asks this thread for something smaller is answered between two of them.
   */
  async read({ questions, gauges, outlook, budgets, compared = [] }: Plan): Promise<void> {
    const queries = questions.map((question) => this.asked.ledgerQuery(question));
    for (const [rows, alike] of Map.groupBy(queries, rowsOf)) {
      await this.#query(rows, alike);
      await turnWhileWanted();
    }
    for (const gauge of gauges) {
      if (this.#samples.has(keyOf(gauge))) continue;
      this.#samples.set(keyOf(gauge), await this.#gauge(gauge));
      await turnWhileWanted();
    }
    if (budgets !== undefined) this.#budgets ??= await this.#readBudgets(budgets);
    if (compared.length > 0) this.#coveredFromMs ??= await this.#readCoverage(compared);
    if (outlook === true) this.#outlook ??= await readOutlook(this.asked, this.#contextAt(this.asked.nowMs));
  }

  /** The answer to a question of the plan. */
  ledger(question: Question): QueryResult {
    const query = this.asked.ledgerQuery(question);
    const known = this.#results.get(rowsOf(query));
    if (known !== undefined && query.measures.every((name) => known.measures.includes(name))) return only(query.measures, known);
    throw new Error(`A panel needs what its plan does not ask for: ${JSON.stringify(query)}`);
  }

  /** What who asks may see. */
  get scope(): ReadScope {
    return this.#source.scope;
  }

  /** Is there any that who asks may see, whatever was chosen? */
  get hasBudgets(): boolean {
    return visibleBudgets(this.#source.budgets, this.scope).length > 0;
  }

  /** The samples of a gauge of the plan, narrowed by what the reader picked; now, or as it was at an instant before. */
  gauge(name: GaugeName, atMs = this.asked.nowMs): readonly GaugeSample[] {
    const samples = this.#samples.get(keyOf({ name, atMs }));
    if (samples === undefined) throw new Error(`A panel needs what its plan does not ask for: ${name} at ${atMs}`);
    return samples;
  }

  /** What lies ahead of the time picked. */
  get outlook(): Outlook {
    if (this.#outlook === undefined) throw new Error('A panel needs the outlook, which its plan does not ask for.');
    return this.#outlook;
  }

  /** Those that lie within what the reader chose. */
  get budgets(): BudgetsRead {
    if (this.#budgets === undefined) throw new Error('A panel needs the budgets, which its plan does not ask for.');
    return this.#budgets;
  }

  /** From when on the ledger has anything, or the beginning of the earliest time that is compared with. */
  get coveredFromMs(): number {
    if (this.#coveredFromMs === undefined) throw new Error('A panel compares times, which its plan does not say.');
    return this.#coveredFromMs;
  }

  async #readBudgets(shown: number): Promise<BudgetsRead> {
    const context = this.#contextAt(this.asked.nowMs);
    const { budgetsKnown } = this.#source;
    if (budgetsKnown !== undefined) return budgetsKnown.memory.read(shown, budgetsKnown.revision, context);
    return budgetsWithin(await allStatuses(context), shown, context);
  }

  #readCoverage(compared: readonly TimeRange[]): Promise<number> {
    const { nowMs, calendar } = this.asked;
    const fromMs = compared.reduce((least, range) => Math.min(least, range.fromMs ?? 0), nowMs);
    return coverageStart(this.#source.reader, { fromMs: floorQuarter(fromMs), toMs: ceilQuarter(nowMs) }, calendar.timeZone);
  }

  async #query(rows: string, alike: readonly Query[]): Promise<void> {
    const [first] = alike;
    const before = this.#results.get(rows)?.measures ?? [];
    const measures = [...new Set([...before, ...alike.flatMap((query) => query.measures)])];
    if (first === undefined || measures.length === before.length) return;
    this.#results.set(rows, { measures, result: await this.#source.reader.query({ ...first, measures }) });
  }

  #gauge({ name, atMs }: GaugeQuestion): Promise<readonly GaugeSample[]> {
    return this.#source.gauges.read(GAUGE_READERS[name], this.#contextAt(atMs), atMs === this.asked.nowMs);
  }

  #contextAt(atMs: number): GaugeContext {
    const { calendar, where } = this.asked;
    const { reader, scope, config, prices, budgets } = this.#source;
    return this.#contexts.getOrInsertComputed(atMs, () => ({ reader, scope, config, prices, budgets, calendar, where, nowMs: atMs }));
  }
}

const keyOf = ({ name, atMs }: GaugeQuestion): string => `${name} ${atMs}`;
