/**
 * What GET /api/v1/me/budget and /me/guard are answered from at size: the spend of all budgets that can be somebody's or stop a session,
 * read again and again on another thread, so that no developer's question waits for the ledger.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../catalog/log-codes.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { LedgerSnapshot, Person } from '../ledger/ledger.ts';
import { type SpendAnswer, type SpendGroup, SpendSums } from '../ledger/scoped-spend.ts';
import { KnownSpend } from '../ledger/spend-snapshot.ts';
import { budgetQuestions } from './evaluate.ts';
import { GUARDED_DIMENSIONS } from './hard-limit.ts';
import type { Budget, BudgetJournal } from './journal.ts';
import { see } from './people.ts';

export interface BudgetWatchOptions {
  readonly reader: Pick<LedgerSnapshot, 'status'>;
  readonly config: Config;
  readonly now: () => number;
  /** What is set beside the configuration. */
  readonly budgets: BudgetJournal;
  /** The ledger on another thread. */
  readonly elsewhere: Pick<LedgerSnapshot, 'query' | 'people'>;
  readonly log: Log;
}

/** What is known at one instant, of one state of the journal of budgets. */
export interface Watched {
  readonly atMs: number;
  readonly revision: number;
  readonly budgets: readonly Budget[];
  readonly spend: KnownSpend;
  readonly people: ReadonlyMap<string, Person>;
}

/** Reading takes at most this share of its thread's time while somebody asks, and a tenth of it while nobody does. */
const SHARE = 0.05;
const SHARE_UNASKED = 0.005;
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 30_000;
/** So far ahead the periods that are about to begin are read, too: no question waits at midnight. */
const AHEAD_MS = 120_000;
const UNCHANGED_MS = MINUTE_MS;
const PEOPLE_MS = MINUTE_MS;
const LOOK_MS = 2_000;
/** So many rows are added up before others have their turn. */
const TURN = 1_000;

export class BudgetWatch {
  readonly #options: BudgetWatchOptions;
  #watched: Watched | undefined;
  #peopleAtMs = Number.NEGATIVE_INFINITY;
  /** When the ledger had last committed as people were read. */
  #peopleAsOfMs: number | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isLookedFor = false;
  #tookMs = 0;
  #isAsked = false;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: BudgetWatchOptions) {
    this.#options = options;
  }

  /** Resolves when the first reading is done, or has failed. */
  async start(): Promise<void> {
    await this.#read();
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  /** Undefined until the first reading, and while there are no budgets. */
  current(): Watched | undefined {
    this.#isAsked = true;
    return this.#watched?.budgets.length === 0 ? undefined : this.#watched;
  }

  /** When something is missing in it: read now, not in its turn. */
  hurry(): void {
    if (this.#reading === undefined && !this.#isStopped) void this.#read();
  }

  /** When somebody is missing: people and spend are read now where the ledger has grown since, and again and again no faster than this. */
  lookForPeople(asOfMs: number | undefined): void {
    if (asOfMs === this.#peopleAsOfMs || performance.now() - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = performance.now();
    this.#peopleAtMs = Number.NEGATIVE_INFINITY;
    // A reading that is under way may have passed them already.
    this.#isLookedFor = this.#reading !== undefined;
    this.hurry();
  }

  #tick(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(async () => {
      if (await this.#isDue()) this.hurry();
      this.#tick();
    }, WAIT_MIN_MS).unref();
  }

  async #isDue(): Promise<boolean> {
    const { reader, budgets, now } = this.#options;
    // A journal or a ledger that cannot say is asked all the same, and the failure is reported.
    const revision = await budgets.revision().catch(() => undefined);
    const watched = this.#watched;
    if (this.#isLookedFor || watched === undefined || watched.revision !== revision) return true;
    const ageMs = Math.abs(now() - watched.atMs);
    if (ageMs >= UNCHANGED_MS) return true;
    const waitMs = Math.min(WAIT_MAX_MS, this.#tookMs / (this.#isAsked ? SHARE : SHARE_UNASKED));
    if (ageMs < waitMs) return false;
    const asOfMs = await reader.status().then(
      ({ asOfMs: committed }) => committed,
      () => undefined,
    );
    return asOfMs !== watched.spend.asOfMs;
  }

  #read(): Promise<void> {
    this.#reading = this.#readAll()
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#options.log('budget_spend_unread', 'The spend of budgets could not be read and will be retried.', { error });
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    const { budgets: journal, config, now } = this.#options;
    const startedMs = performance.now();
    const atMs = now();
    this.#isLookedFor = false;
    // Before the budgets: a change in between is seen as one.
    const revision = await journal.revision();
    const budgets = (await journal.budgets(config.budgets)).filter(isSomebodys);
    const spend = new KnownSpend();
    const groups = new Map<string, SpendGroup>();
    for (const nowMs of [atMs, atMs + AHEAD_MS]) {
      for (const group of budgetQuestions(budgets, { calendar: ledgerCalendar(config), nowMs })) groups.set(group.key, group);
      await nextTurn();
    }
    for (const group of groups.values()) {
      spend.add(group, await this.#answer(group));
    }
    // Where no budget is anybody's, no thread is needed to say so.
    const people = budgets.length === 0 ? new Map<string, Person>() : await this.#people(atMs);
    this.#watched = { atMs, revision, budgets, spend, people };
    this.#tookMs = performance.now() - startedMs;
    this.#isAsked = false;
  }

  async #answer({ query }: SpendGroup): Promise<SpendAnswer> {
    const sums = new SpendSums();
    const { rows, asOfMs } = await this.#options.elsewhere.query(query);
    await inTurns(rows, (row) => sums.add(row));
    return { sums: sums.sums, asOfMs };
  }

  async #people(nowMs: number): Promise<ReadonlyMap<string, Person>> {
    const known = this.#watched?.people;
    if (known !== undefined && Math.abs(nowMs - this.#peopleAtMs) < PEOPLE_MS) return known;
    this.#peopleAtMs = nowMs;
    this.#peopleAsOfMs = (await this.#options.reader.status()).asOfMs;
    const byUser = new Map<string, Person>();
    await inTurns(await this.#options.elsewhere.people(), (person) => see(person, byUser));
    return byUser;
  }
}

/** A thousand at a time; whoever waits is served in between. */
async function inTurns<Item>(items: Iterable<Item>, act: (item: Item) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    act(item);
    if (++count % TURN === 0) await nextTurn();
  }
  await nextTurn();
}

const OF_A_PERSON: ReadonlySet<string> = new Set(['user', 'team', 'organization']);
const OF_A_SESSION: ReadonlySet<string> = new Set(GUARDED_DIMENSIONS);

/**
 * Can it be anybody's own, or shared with somebody's team? That of a model or a workspace alone cannot; but a hard limit of a workspace, a
 * repository or a job stops the sessions in there.
 */
const isSomebodys = ({ scope, per, members, hard_limit }: Budget): boolean => {
  if (per === 'user' || members !== undefined || 'user' in scope) return true;
  const dimensions = hard_limit === true ? OF_A_SESSION : OF_A_PERSON;
  return Object.keys(scope).every((dimension) => dimensions.has(dimension));
};
