/** ledgerline import … --history: what users spent on days without telemetry, booked by the collector that runs. */
import { storedDirectory } from '../app/stored-directory.ts';
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import type { ImportSource } from '../config/imports.ts';
import { resolve } from '../directory/resolve.ts';
import { adjustmentsOf } from '../imports/history/adjustments.ts';
import { type HistoryLine, noonOf } from '../imports/history/amounts.ts';
import { type Change, type Plan, planHistory } from '../imports/history/plan.ts';
import { type HistoryWords, historyRows } from '../imports/history/rows.ts';
import { type ReadDays, type SourceDays, sourceDays } from '../imports/history/statement-lines.ts';
import type { StatementReader } from '../imports/statements.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { HistoryLedger } from './history-ledger.ts';
import { type SourceOptions, tokenFileOf } from './options.ts';
import { remoteCollector } from './source.ts';
import { storedPrices } from './stored-prices.ts';
import type { Terminal } from './terminal.ts';
import { workingCollector } from './working-collector.ts';

export interface HistoryOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
}

export interface HistorySummary extends Omit<Plan, 'changes'> {
  readonly isTrial: boolean;
  readonly isStopped: boolean;
  readonly changes: readonly Change[];
  /** Lines without a user that the ledger could know. */
  readonly nobodys: number;
  /** Days of closed months. */
  readonly closedDays: number;
  /** Adjustments that were refused, because entries of their day were removed. */
  readonly expired: number;
}

/** The collector that is to book. Throws `unavailable` where none runs. */
export async function historyLedger(source: ImportSource, options: HistoryOptions, terminal: Terminal): Promise<HistoryLedger> {
  const otherwise = 'Without --history the statement lines alone are imported.';
  const url = await workingCollector(options, terminal, { work: 'booking history', otherwise });
  return new HistoryLedger(remoteCollector(url, tokenFileOf(options, terminal)), source);
}

interface Importing {
  readonly source: ImportSource;
  readonly config: Config;
  readonly ledger: HistoryLedger;
  readonly store: Pick<StatementReader, 'days' | 'sums' | 'names'>;
  readonly read: ReadDays;
  readonly options: HistoryOptions;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Days whose rows are asked for at once: a ledger has a row for each day, user, model and place. */
const DAYS_AT_ONCE = 7;
/** One is enough, unless a change was undone before: each of its repetitions takes one more. */
const ROUNDS_MAX = 50;

export async function importHistory(importing: Importing): Promise<HistorySummary> {
  const { source, config, ledger, store, read, options, terminal, signal } = importing;
  const known = await sourceDays(source, store, read);
  const asked = known.days.filter((day) => day >= (options.from ?? '') && day <= (options.to ?? '~'));
  const closed = await ledger.closedAmong([...new Set(asked.map((day) => day.slice(0, 7)))]);
  const days = asked.filter((day) => !closed.has(day.slice(0, 7)));
  const isTrial = options.dryRun === true;
  const words = await wordsOf(source, config, store);
  const prices = await storedPrices(config);
  const planning = async (): Promise<Planned> => planDays({ days, known, ledger, words, prices, terminal, source, signal });
  const first = await planning();
  let expired = 0;
  let next = first;
  for (let round = 0; !isTrial && !signal.aborted && round < ROUNDS_MAX && next.changes.length > 0; round++) {
    const adjustments = adjustmentsOf(next.changes, round);
    const outcome = await ledger.book(adjustments, (sent) => {
      terminal.status?.(`${source}: history, ${sent} of ${adjustments.length} adjustments …`);
      return !signal.aborted;
    });
    expired += outcome.expired;
    if (outcome.duplicates === 0) break;
    next = await planning();
  }
  terminal.status?.('');
  return { ...first, isTrial, isStopped: signal.aborted, closedDays: asked.length - days.length, expired };
}

type Planned = Plan & Pick<HistorySummary, 'nobodys'>;

interface Planning extends Pick<Importing, 'ledger' | 'terminal' | 'source' | 'signal'> {
  readonly days: readonly string[];
  readonly known: SourceDays;
  readonly words: Words;
  readonly prices: PriceBook;
}

async function planDays({ days, known, ledger, words, prices, terminal, source, signal }: Planning): Promise<Planned> {
  const changes: Change[] = [];
  const counts = { unchanged: 0, telemetry: 0, elsewhere: 0, nobodys: 0 };
  for (let at = 0; at < days.length && !signal.aborted; at += DAYS_AT_ONCE) {
    terminal.status?.(`${source}: history, ${at} of ${days.length} days …`);
    const part = days.slice(at, at + DAYS_AT_ONCE);
    const among = new Set(part);
    const facts = await ledger.facts(part, words.aliasesOf);
    const lines = await Promise.all(part.map(known.linesOf));
    const { rows, nobodys } = historyRows(lines.flat(), words, prices);
    const plan = planHistory(rows, { ...facts, booked: facts.booked.filter(({ day }) => among.has(day)) });
    changes.push(...plan.changes);
    counts.nobodys += nobodys;
    for (const name of ['unchanged', 'telemetry', 'elsewhere'] as const) counts[name] += plan[name];
  }
  return { changes, ...counts };
}

interface Words extends HistoryWords {
  readonly aliasesOf: (user: string, day: string) => readonly string[];
}

/** Accounts of Anthropic's usage report are ids: those that have no name here are nobody that the ledger knows. */
async function wordsOf(source: ImportSource, config: Config, store: Importing['store']): Promise<Words> {
  const directory = await storedDirectory(config);
  const storedUser = loadStoredUser(config.attribution);
  const canonical = (user: string, day: string): string => storedUser(directory.canonical(normalizeUser(user), noonOf(day)));
  const names = await store.names('user');
  const workspaces = await store.names('workspace');
  const namedUser = (user: string): string | undefined => config.reconcile.users[user] ?? (source === 'anthropic-usage' ? names.get(user) : user);
  const workspaceOf = (id = ''): string => config.reconcile.workspaces[id] ?? workspaces.get(id) ?? id;
  return {
    userOf: ({ user, day }: HistoryLine) => {
      const named = user === undefined ? undefined : namedUser(user);
      return named === undefined ? undefined : canonical(named, day);
    },
    placeOf: ({ workspace: said }, user, timeMs) => {
      // LiteLLM's lines have the team of the proxy there.
      const claimed = source === 'litellm' ? { team: said } : { workspace: workspaceOf(said) };
      const { team, workspace, cost_center, department } = resolve({ user, claimed }, directory, timeMs);
      return {
        ...{ team: team?.value ?? '', workspace: workspace?.value ?? '' },
        ...{ cost_center: cost_center?.value ?? '', department: department?.value ?? '' },
      };
    },
    aliasesOf: (user, day) => (user === '' ? [] : [user, canonical(user, day)]),
  };
}
