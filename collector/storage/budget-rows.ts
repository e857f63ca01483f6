/** Entries of the journal of budgets as every store keeps them: what one says, and what follows from them. */
import {
  type AuditEntry,
  type Budget,
  type BudgetChange,
  type Change,
  isDefinition,
  type NewRaise,
  nameOf,
  type Raise,
  type RequestChange,
  raisesIn,
  unitOf,
} from '../budgets/journal.ts';
import type { BudgetRequest, NewRequest, RequestDecision, RequestNews } from '../budgets/request.ts';
import { type BudgetConfig, budgetSchema } from '../config/budgets.ts';
import { withCurrentScopeKeys } from '../config/former-keys.ts';

/** Columns: id, at_ms, who, what, name, body, asker, request. Integers may come as text. */
export type EntryRow = Readonly<Record<string, unknown>>;

/** News are read so many at a time. */
export const NEWS_MAX = 500;

export interface NewEntry extends Change {
  readonly what: BudgetChange;
  readonly name: string;
  /** JSON; null for a removal. */
  readonly body: string | null;
  /** Of a request, who asks. */
  readonly asker: string | null;
  /** Which request it ends, at most one entry for each. */
  readonly request: number | null;
}

const NO_REQUEST = { asker: null, request: null } as const;

export const setEntry = (budget: BudgetConfig, change: Change): NewEntry => ({
  ...{ what: 'budget_set', name: budget.name, body: JSON.stringify(budget), ...NO_REQUEST, ...change },
});

export const removedEntry = (name: string, change: Change): NewEntry => ({ what: 'budget_removed', name, body: null, ...NO_REQUEST, ...change });

/** `key` is the budget's name, or "name/member". Amounts are text, since JSON numbers would lose digits. */
export function raisedEntry(raise: NewRaise, change: Change): NewEntry {
  const body = JSON.stringify({ ...raise, amount: raise.amount.toString() });
  return { what: 'budget_raised', name: nameOf(raise.key), body, asker: null, request: raise.request ?? null, ...change };
}

export function requestedEntry(request: NewRequest, change: Change): NewEntry {
  const { user, ...asked } = { ...request, amount: request.amount.toString() };
  return { what: 'budget_requested', name: nameOf(request.key), body: JSON.stringify({ ...asked, user }), asker: user, request: null, ...change };
}

export function endedEntry(
  { id, key }: BudgetRequest,
  what: Exclude<RequestChange, 'budget_requested'>,
  why: string | undefined,
  change: Change,
): NewEntry {
  return { what, name: nameOf(key), body: JSON.stringify({ request: id, ...(why !== undefined && { why }) }), asker: null, request: id, ...change };
}

/** The newest first; `rows` the oldest first. */
export function auditOf(rows: readonly EntryRow[]): readonly AuditEntry[] {
  const last = new Map<string, unknown>();
  const entries = rows.map(({ id, at_ms, who, what, name: of, body }): AuditEntry => {
    const after = body === null ? undefined : bodyOf(body);
    const change = what as BudgetChange; // what an entry was made with
    const before = isDefinition(change) ? last.get(String(of)) : undefined;
    if (isDefinition(change)) last.set(String(of), after);
    return { id: Number(id), atMs: Number(at_ms), who: String(who), what: change, name: String(of), before, after };
  });
  return entries.reverse();
}

/** Budgets that were set, and raises, by the name of their budget. */
export interface InForce {
  readonly budgets: ReadonlyMap<string, Budget>;
  readonly raises: ReadonlyMap<string, readonly Raise[]>;
}

/** `rows`: those in force, the oldest first. */
export function inForceOf(rows: readonly EntryRow[]): InForce {
  const budgets = new Map<string, Budget>();
  const raises = new Map<string, Raise[]>();
  for (const { id, at_ms, who, what, name, body } of rows) {
    if (what === 'budget_set') budgets.set(String(name), changed(budgets.get(String(name)), bodyOf(body), Number(at_ms)));
    else if (what === 'budget_removed') {
      budgets.delete(String(name));
      raises.delete(String(name));
    } else {
      const set = budgets.get(String(name));
      const raise = raiseOf(Number(id), String(who), Number(at_ms), String(body));
      raises.getOrInsertComputed(String(name), () => []).push(set === undefined ? raise : { unit: unitOf(set), ...raise });
    }
  }
  return { budgets, raises };
}

/** Configured budgets first; those that were set after them, unless the configuration has the name. */
export function withConfigured({ budgets, raises }: InForce, configured: readonly BudgetConfig[]): readonly Budget[] {
  const names = new Set(configured.map(({ name }) => name));
  const set = [...budgets.values()].filter(({ name }) => !names.has(name)).map((budget): Budget => ({ ...budget, origin: 'api' }));
  return [...configured, ...set].map((budget) => ({ ...budget, raises: raisesIn(unitOf(budget), raises.get(budget.name) ?? []) }));
}

/** What an entry says, under the names of today. A raise has no scope. */
const bodyOf = (body: unknown): Record<string, unknown> => withCurrentScopeKeys(JSON.parse(String(body)));

/** The same budget after a change; what its amounts were before is kept where they are others now. */
function changed(before: Budget | undefined, body: object, atMs: number): Budget {
  const budget = budgetSchema.parse(body);
  if (before === undefined) return budget;
  const { earlier = [], ...then } = before;
  return { ...budget, earlier: amountsOf(then) === amountsOf(budget) ? earlier : [...earlier, { untilMs: atMs, budget: then }] };
}

const amountsOf = ({ amount_usd, tokens, amounts, members, period }: BudgetConfig): string =>
  JSON.stringify([amount_usd, tokens, amounts, members, period]);

function raiseOf(id: number, who: string, atMs: number, body: string): Raise {
  // What raisedEntry() wrote.
  const { amount, ...raise } = JSON.parse(body) as Omit<NewRaise, 'amount'> & { amount: string };
  return { ...raise, amount: BigInt(amount), id, who, atMs };
}

/** What requestedEntry() wrote. */
type RequestBody = Omit<BudgetRequest, 'id' | 'who' | 'atMs' | 'amount' | 'decision'> & { readonly amount: string };

/** Of a row with the columns of the request, and end_what, end_who, end_ms and end_body of what ended it. */
export function requestOf(row: EntryRow): BudgetRequest {
  const { amount, ...body } = JSON.parse(String(row.body)) as RequestBody;
  return { ...body, amount: BigInt(amount), id: Number(row.id), who: String(row.who), atMs: Number(row.at_ms), decision: decisionOf(row) };
}

export const newsOf = ({ id, what, request }: EntryRow): RequestNews =>
  what === 'budget_requested'
    ? { entry: Number(id), what: 'made', request: Number(id) }
    : { entry: Number(id), what: 'ended', request: request === null ? undefined : Number(request) };

const WORDS: Readonly<Record<string, RequestDecision['what']>> = {
  budget_raised: 'approved',
  request_denied: 'denied',
  request_withdrawn: 'withdrawn',
  budget_removed: 'removed',
};

function decisionOf({ end_what, end_who, end_ms, end_body }: EntryRow): RequestDecision | undefined {
  const what = WORDS[String(end_what)];
  if (what === undefined) return undefined;
  const { why, amount } = JSON.parse(String(end_body ?? '{}')) as { readonly why?: string; readonly amount?: string };
  return {
    ...{ what, who: String(end_who), atMs: Number(end_ms) },
    why: what === 'denied' ? why : undefined,
    amount: amount === undefined ? undefined : BigInt(amount),
  };
}
