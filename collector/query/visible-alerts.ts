/**
 * Alerts of those who may not see everything: of budgets that they see, of anomalies and sessions within their scope. Summaries, digests and
 * alerts about the whole ledger are hidden.
 */
import type { AlertRecord, Outbox } from '../alerts/outbox.ts';
import type { Budget } from '../budgets/journal.ts';
import { nameOf } from '../budgets/journal.ts';
import { narrowed, scopeFilters, scopeText } from '../budgets/scope.ts';
import { isDimension } from '../catalog/measures.ts';
import { LABELS } from '../catalog/names.ts';
import type { ReadScope, ScopeDimension } from '../catalog/read-scope.ts';
import type { Filter } from '../catalog/values.ts';
import { storedValue } from '../catalog/values.ts';
import type { Asking } from './question.ts';
import { wholeLedger } from './scoped-reader.ts';
import { areWithin } from './visible-budgets.ts';

type Reading = Pick<Asking, 'reader' | 'scope' | 'config' | 'budgets' | 'alerts'>;
type Shown = Pick<Outbox, 'records' | 'deliveries'>;

export async function visibleAlerts(asking: Reading): Promise<Shown> {
  const budgets = await asking.budgets.budgets(asking.config.budgets);
  const records: AlertRecord[] = [];
  for (const record of await asking.alerts.records()) if (await isVisible(record, budgets, asking)) records.push(record);
  const seen = new Set(records.map(({ id }) => id));
  return {
    records: async () => records,
    deliveries: async (status, limit) =>
      (await asking.alerts.deliveries(status, limit)).filter(({ kind, subject }) => ABOUT_ONE.has(kind) && seen.has(subject)),
  };
}

const ABOUT_ONE: ReadonlySet<string> = new Set(['firing', 'resolved']);

async function isVisible({ id, labels }: AlertRecord, budgets: readonly Budget[], { reader, scope }: Reading): Promise<boolean> {
  const key = labels[LABELS.budget];
  const text = labels[LABELS.scope] ?? '';
  const where = key === undefined ? anomalyScope(text) : budgetScope(key, text, budgets);
  const session = sessionOf(id);
  const mayBe = where === undefined ? session !== undefined && key === undefined : areWithin(where, scope);
  // Last, since only this asks the ledger.
  return mayBe && (session === undefined || isWithin(session, reader, scope));
}

/** Is the session within the scope throughout? A message about it may name any of its owners. */
async function isWithin(sessionId: string, reader: Reading['reader'], scope: ReadScope): Promise<boolean> {
  const session = await wholeLedger(reader).session(sessionId);
  if (session === undefined) return false;
  const { organization, team, user, workspace, shares } = session;
  return [{ organization, team, user }, ...shares].every((owner) => areWithin(filtersOf({ ...owner, workspace }), scope));
}

const filtersOf = ({ organization, team, user, workspace }: Readonly<Record<ScopeDimension, string>>): Filter[] => [
  { dimension: 'organization', values: [organization] },
  { dimension: 'team', values: [team] },
  { dimension: 'user', values: [user] },
  { dimension: 'workspace', values: [workspace] },
];

/** What the budget counts, as long as it still counts what the alert says; of one that was changed or removed it is not known. */
function budgetScope(key: string, text: string, budgets: readonly Budget[]): readonly Filter[] | undefined {
  const budget = budgets.find(({ name }) => name === nameOf(key));
  if (budget === undefined) return undefined;
  const where = scopeFilters(budget.scope);
  const per = budget.members === undefined ? budget.per : 'user';
  const member = key.slice(budget.name.length + 1);
  const own = member === '' || per === undefined ? where : narrowed(where, { dimension: per, values: [storedValue(per, member)] });
  return scopeText(own) === text ? own : undefined;
}

/** "team=platform": anomalies have a scope of one value. Of everything, and of a session, there is none. */
function anomalyScope(text: string): readonly Filter[] | undefined {
  const equals = text.indexOf('=');
  const dimension = text.slice(0, Math.max(equals, 0));
  return isDimension(dimension) ? [{ dimension, values: [storedValue(dimension, text.slice(equals + 1))] }] : undefined;
}

/** Of ids such as "session/{id}/{budget}" and "anomaly/{kind}/{severity}/session={id}"; earlier versions wrote no severity. */
const sessionOf = (id: string): string | undefined =>
  /^session\/([^/]+)\//.exec(id)?.[1] ?? /^anomaly\/[^/]+\/(?:(?:info|warning|critical)\/)?session=(.+)$/s.exec(id)?.[1];
