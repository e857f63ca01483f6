/**
 * Budgets as boards show them, kept for as long as nothing was booked and no budget was changed: thousands of members are not evaluated for
 * every board that somebody opens. At most for a minute, so that a period that ends gives way to the next.
 */
import { LRUCache } from 'lru-cache';
import type { BudgetStatus } from '../../budgets/status.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import type { GaugeContext } from '../gauges/gauge.ts';
import { allStatuses, type BudgetsRead, budgetsWithin } from './budgets-read.ts';
import { stateOf } from './panel-table.ts';

/** For as many readers who see different parts, each with thousands of statuses. */
const SCOPES_MAX = 8;
/** For as many choices of filters. */
const CHOICES_MAX = 100;

export class BudgetMemory {
  readonly #statuses = new LRUCache<string, readonly BudgetStatus[]>({ max: SCOPES_MAX });
  readonly #choices = new LRUCache<string, BudgetsRead>({ max: CHOICES_MAX });

  /** `revision`: of the budgets in force. */
  async read(shown: number, revision: number, context: GaugeContext): Promise<BudgetsRead> {
    const { reader, scope, calendar, nowMs, where } = context;
    const state = stateOf(await reader.status());
    const about = JSON.stringify([state, revision, scope, calendar, Math.floor(nowMs / MINUTE_MS)]);
    const choice = JSON.stringify([about, shown, where]);
    const known = this.#choices.get(choice);
    if (known !== undefined) return known;
    const all = this.#statuses.get(about) ?? (await allStatuses(context));
    this.#statuses.set(about, all);
    const read = await budgetsWithin(all, shown, context);
    this.#choices.set(choice, read);
    return read;
  }

  /** Names were erased: what is remembered may still have them. */
  clear(): void {
    this.#statuses.clear();
    this.#choices.clear();
  }
}
