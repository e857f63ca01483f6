/** Everything that a reconciliation rests on, read and put together. */
import { normalizeUser } from '../../catalog/values.ts';
import type { Config } from '../../config/config.ts';
import { startOfDay } from '../../core/day.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { Directory } from '../../directory/directory.ts';
import { loadStoredUser } from '../../ingest/attribution/pseudonym.ts';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { directoryOf } from '../asked-user.ts';
import type { Range } from '../compared-range.ts';
import type { Asking } from '../question.ts';
import type { Cell } from './cell.ts';
import { cellsOf, type Mapping, type Records, type TelemetryRow } from './cells.ts';
import { type Completeness, readUserTelemetry, userCompleteness, workspaceCompleteness } from './completeness.ts';
import { type Coverage, coverageOfRecords, expectedOrigins } from './coverage.ts';
import { type ImportState, importStates } from './imports.ts';
import { lineRates } from './line-rates.ts';
import { type Adjustment, readAdjustments, readMovedDays } from './moved.ts';
import { daysOfRange, readRecords, readUserRecords, type StatementsOf } from './read-records.ts';
import type { RatesOf } from './records.ts';
import { type Reconciled, reconcileCells } from './steps.ts';
import { dayOf, readEdges, readTelemetry } from './telemetry.ts';

export interface ReconcileFacts {
  readonly cells: readonly Reconciled[];
  readonly users: readonly Completeness[];
  readonly userSources: readonly string[];
  readonly workspaces: readonly Completeness[];
  readonly coverage: readonly Coverage[];
  readonly imports: readonly ImportState[];
  readonly unmapped: readonly string[];
  /** Reported cost that imports brought. */
  readonly imported: bigint;
  readonly closed: readonly ClosedMonth[];
  /** Posted in the range, of months that were closed before. */
  readonly adjustments: readonly Adjustment[];
  /** Posted later, of the range's closed months. */
  readonly later: readonly Adjustment[];
  readonly asOfMs: number | undefined;
}

/** Of whole days in UTC. Who does not see everything sees nothing of the bill. */
export async function readReconciliation(asking: Asking, range: Range, nowMs: number): Promise<ReconcileFacts> {
  const statements = asking.scope === 'all' ? await asking.statements?.() : undefined;
  try {
    return await asking.reader.snapshot((ledger) => readFacts(ledger, { asking, range, nowMs, statements: statements ?? NONE }));
  } finally {
    await statements?.close();
  }
}

const nothing = async (): Promise<readonly never[]> => [];
const NONE: StatementsOf = {
  ...{ sums: nothing, days: nothing, runs: nothing, origins: nothing },
  ...{ names: async () => new Map(), close: async () => undefined },
};

interface Reading {
  readonly asking: Asking;
  readonly range: Range;
  readonly nowMs: number;
  readonly statements: StatementsOf;
}

async function readFacts(ledger: LedgerSnapshot, { asking, range, nowMs, statements }: Reading): Promise<ReconcileFacts> {
  const { config } = asking;
  // With the day before and the day after: what client and provider count on different days may be at the edges of the range.
  const wide = { fromMs: range.fromMs - DAY_MS, toMs: range.toMs + DAY_MS };
  const asked = { range: wide, where: [], billers: config.reconcile.billers };
  const rows = await readTelemetry(ledger, asked);
  const records = await readRecords(statements, wide);
  const mapping = mappingOf(rows, config, lineRates(asking.prices), await statements.names('workspace'));
  const isInside = ({ place }: Pick<Cell, 'place'>): boolean => place.day >= dayOf(range.fromMs) && place.day < dayOf(range.toMs);
  const cells = cellsOf(rows, records, mapping, await readMovedDays(ledger, asked));
  const inside = cells.filter(isInside);
  const names = {
    configured: await usersOf(statements, config),
    storedUser: storedUserIn(range, config, await directoryOf(asking)),
    products: config.reconcile.products,
  };
  const { sources, records: userRecords } = await readUserRecords(statements, range, names);
  const days = await statements.days(daysOfRange(range));
  return {
    cells: reconcileCells(cells, await readEdges(ledger, asked)).filter(isInside),
    users: userCompleteness(
      await readUserTelemetry(ledger, {
        ...{ range, recorded: rangesOf(days.filter(({ source }) => sources.some((one) => one === source)).map(({ day }) => day)) },
        hasPlans: rows.some(({ isCovered }) => isCovered),
      }),
      userRecords,
    ),
    userSources: sources,
    workspaces: workspaceCompleteness(inside),
    coverage: coverageOfRecords({
      ...{ days, range, nowMs, used: new Set(inside.filter(hasTelemetry).map(({ place }) => place.biller)) },
      ended: new Map(Object.entries(config.reconcile.ended_accounts)),
      expected: await expectedOrigins(statements, days, asking.scope === 'all' ? config.imports : []),
    }),
    imports: await importStates(statements, days),
    unmapped: unmappedOf(records, mapping),
    imported: await readImported(ledger, range),
    ...(await readClosed(ledger, range)),
    asOfMs: (await ledger.status()).asOfMs,
  };
}

/** Days that follow on one another as one range. */
function rangesOf(days: readonly string[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const fromMs of [...new Set(days)].sort().map(startOfDay)) {
    const last = ranges.at(-1);
    const toMs = fromMs + DAY_MS;
    if (last?.toMs === fromMs) ranges[ranges.length - 1] = { fromMs: last.fromMs, toMs };
    else ranges.push({ fromMs, toMs });
  }
  return ranges;
}

const hasTelemetry = ({ telemetry }: Cell): boolean => telemetry.metered.list !== 0n || telemetry.metered.reported !== 0n;

async function readClosed(ledger: LedgerSnapshot, range: Range): Promise<Pick<ReconcileFacts, 'closed' | 'adjustments' | 'later'>> {
  const closed = (await ledger.closedMonths()).filter(({ fromMs, toMs }) => fromMs < range.toMs && range.fromMs < toMs);
  const months = new Set(closed.map(({ month }) => month));
  const later = closed.length === 0 ? [] : (await readAdjustments(ledger, { fromMs: range.toMs })).filter(({ month }) => months.has(month));
  return { closed, adjustments: await readAdjustments(ledger, range), later };
}

async function readImported(ledger: LedgerSnapshot, range: Range): Promise<bigint> {
  const { rows } = await ledger.query({
    ...{ measures: ['cost'], by: ['origin'], ...range, grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1_000 },
  });
  return rows.reduce((sum, { key: [origin = ''], values: [cost = 0n] }) => (origin === '' ? sum : sum + cost), 0n);
}

/**
 * Imports know the aliases of their time, and merges come later. A name that is an alias for a part of the range stays as the import has it: sums
 * of the range do not say which day a line is of.
 */
function storedUserIn({ fromMs, toMs }: Range, { attribution }: Config, directory: Directory): (user: string) => string {
  const stored = loadStoredUser(attribution);
  return (user) => {
    const name = normalizeUser(user);
    const known = directory.canonical(name, fromMs);
    return stored(known === directory.canonical(name, toMs - 1) ? known : name);
  };
}

/** The default workspace of the provider, which has no id. */
const DEFAULT = 'default';

/** What the configuration says goes before what the provider says. */
const usersOf = async (statements: StatementsOf, { reconcile }: Config): Promise<Readonly<Record<string, string>>> => ({
  ...Object.fromEntries([...(await statements.names('user')), ...(await statements.names('keyOwner'))]),
  ...reconcile.users,
});

/** Names that are equal here and there, in any capitals, need no line in the configuration. `titles`: names behind the provider's ids. */
function mappingOf(rows: readonly TelemetryRow[], { reconcile }: Config, ratesOf: RatesOf, titles: ReadonlyMap<string, string>): Mapping {
  const known = new Map(rows.map(({ workspace }) => [workspace.toLowerCase(), workspace]));
  const { workspaces, products } = reconcile;
  const named = (name: string | undefined): string | undefined =>
    name === undefined || name === '' ? undefined : (workspaces[name] ?? known.get(name.toLowerCase()));
  const workspaceOf = (name: string): string | undefined => (name === '' ? workspaces[DEFAULT] : (named(name) ?? named(titles.get(name))));
  return { workspaceOf, products, ratesOf };
}

const unmappedOf = ({ lines }: Records, { workspaceOf }: Mapping): readonly string[] =>
  [...new Set(lines.filter(({ workspace }) => workspaceOf(workspace) === undefined).map(({ workspace }) => workspace || DEFAULT))].sort();
