/** Parts of a reconciliation as tables of the page. */

import type { ApiRequestsAnswer } from '../../collector/query/api-requests.ts';
import type { TableColumn, TableData, TableRow } from '../../collector/query/boards/panel-data.ts';
import type { PlansAnswer } from '../../collector/query/plans.ts';
import type { ReconciliationAnswer } from '../../collector/query/reconcile.ts';
import { totalAmount } from './format.ts';

const label = (key: string, title: string): TableColumn => ({ key, title, unit: 'label' });
const money = (key: string, title: string): TableColumn => ({ key, title, unit: 'usd' });
const share = (key: string, title: string): TableColumn => ({ key, title, unit: 'ratio' });
const count = (key: string, title: string): TableColumn => ({ key, title, unit: 'count' });

const plain = (cells: TableRow['cells']): TableRow => ({ cells, filters: [], absent: false, opens: 'reconciliation' });
const tableOf = (columns: readonly TableColumn[], rows: readonly TableRow[]): TableData => ({ columns, rows, totals: columns.map(() => null) });

/** As the ledger adds cells up: known where any of it is, since the rest is the cause "not imported". */
function sumOf(amounts: readonly (string | null)[]): string | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : String(totalAmount(known, 'usd'));
}

type Rows = ReconciliationAnswer['rows'];
const AMOUNTS = ['reported_usd', 'list_usd', 'billed_usd', 'remainder_usd'] as const;

/** Rows of every day added up: workspaces and models where the difference is. */
export function placesTable(rows: Rows): TableData {
  const places = Map.groupBy(rows, ({ workspace = '', model = '' }) => JSON.stringify([workspace, model]));
  const columns = [
    ...[label('workspace', 'Workspace'), label('model', 'Model')],
    ...[money('reported', 'Reported'), money('list', 'List'), money('billed', 'Billed'), money('remainder', 'Remainder')],
  ];
  const shown = [...places.values()].map((own) =>
    plain([own[0]?.workspace ?? '', own[0]?.model ?? '', ...AMOUNTS.map((name) => sumOf(own.map((row) => row[name])))]),
  );
  return tableOf(columns, shown);
}

/** By the day: reported, list and billed, in the order of the days. */
export function daysOf(rows: Rows): readonly { readonly day: string; readonly values: readonly (string | null)[] }[] {
  const days = Map.groupBy(rows, ({ day = '' }) => day);
  return [...days]
    .map(([day, own]) => ({ day, values: (['reported_usd', 'list_usd', 'billed_usd'] as const).map((name) => sumOf(own.map((row) => row[name]))) }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

type Completeness = ReconciliationAnswer['completeness']['users'];

export function completenessTable(all: Completeness, dimension: 'user' | 'workspace', shown: number): TableData {
  const columns = [
    ...[label('name', dimension === 'user' ? 'User' : 'Workspace'), money('recorded', 'Provider'), money('telemetry', 'Telemetry')],
    ...[share('cost', 'Complete'), share('tokens', 'Tokens')],
    ...(dimension === 'user' ? [count('missing', 'Missing events')] : []),
  ];
  const rows = all.slice(0, shown).map(({ name, is_key, is_silent, recorded_cost_usd, cost_usd, cost_ratio, token_ratio, missing_events }) => ({
    cells: [
      is_key ? `key ${name}` : name,
      ...[recorded_cost_usd, cost_usd, cost_ratio, token_ratio],
      ...(dimension === 'user' ? [missing_events] : []),
    ],
    // Whom only the provider knows has no board.
    filters: is_key || is_silent || name.startsWith('(') ? [] : [{ dimension, value: name }],
    ...{ absent: false, opens: dimension === 'user' ? 'developer' : 'workspace' },
  }));
  return tableOf(columns, rows);
}

export const importsTable = (imports: ReconciliationAnswer['imports']): TableData =>
  tableOf(
    [
      ...[label('source', 'Import'), label('account', 'Account'), count('days', 'Days'), count('final', 'Final')],
      ...[label('from', 'From'), label('to', 'To'), label('asked', 'Asked at (UTC)'), label('outcome', 'Last run')],
    ],
    imports.map(({ source, account, days, complete_days, first_day, last_day, checked_at, last_run }) =>
      plain([
        ...[source, account || '–', days, complete_days, first_day ?? '–', last_day ?? '–'],
        ...[checked_at?.slice(0, 16).replace('T', ' ') ?? '–', last_run?.outcome ?? '–'],
      ]),
    ),
  );

/** Months of the time that are closed, and what came for closed months since. */
export const adjustmentsTable = (adjustments: ReconciliationAnswer['adjustments']): TableData =>
  tableOf(
    [label('month', 'Of month'), label('workspace', 'Workspace'), label('model', 'Model'), money('reported', 'Reported'), money('list', 'List')],
    adjustments.map(({ month, workspace, model, reported_usd, list_usd }) => plain([month, workspace, model, reported_usd, list_usd])),
  );

export const plansTable = (plans: PlansAnswer['plans']): TableData =>
  tableOf(
    [
      ...[label('plan', 'Plan'), label('seat', 'Seat'), money('fee', 'Fee'), money('value', 'Value used')],
      ...[label('leverage', 'Leverage'), count('seats', 'Seats'), count('sessions', 'Sessions')],
    ],
    plans.map(({ plan, seat, fee_usd, value_usd, leverage, seats, sessions }) =>
      plain([plan, seat, fee_usd, value_usd, leverage === null ? '–' : `${leverage.toFixed(2)} ×`, seats, sessions]),
    ),
  );

/** What the API itself counted, where most of it was not reported first. */
export const countedTable = ({ workspaces }: ApiRequestsAnswer): TableData =>
  tableOf(
    [
      ...[label('workspace', 'Workspace of the API'), label('model', 'Model'), count('counted', 'Counted'), count('reported', 'Reported')],
      ...[money('list', 'List cost'), money('lost', 'Of it not reported')],
    ],
    workspaces.map(({ workspace, model, counted, reported, not_reported }) =>
      plain([workspace, model, counted.requests, reported.requests, counted.cost_usd_list, not_reported.cost_usd_list]),
    ),
  );
