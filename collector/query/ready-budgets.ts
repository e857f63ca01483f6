/**
 * Budgets that concern somebody, and what they are evaluated with: spend that a BudgetWatch keeps ready, or that is read from the ledger
 * where there is none. While a watch lacks what a change of the journal asks for, the journal is answered from as it was.
 */
import { type BudgetPerson, budgetQuestions, type BudgetContext as EvaluationContext } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import { lastSeen } from '../budgets/people.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { LedgerSnapshot, Person } from '../ledger/ledger.ts';
import type { Asking } from './question.ts';

/** `reader` is that of the whole ledger. */
export type BudgetReading = Pick<Asking, 'config' | 'now' | 'budgets' | 'watch'> & { readonly reader: LedgerSnapshot };

/** Whom it is about. */
export interface Subject<Who> {
  find(people: ReadonlyMap<string, Person>): Who;
  /** Has the ledger a record? Else the watch looks whether one has arrived. */
  isSeen(who: Who): boolean;
  /** What narrows budgets for each user, workspace and so on. */
  dimensions(who: Who): BudgetPerson;
  concerning(who: Who, budgets: readonly Budget[]): readonly Budget[];
}

export interface ReadyBudgets<Who> {
  /** Those that concern it. */
  readonly budgets: readonly Budget[];
  readonly who: Who;
  readonly evaluation: EvaluationContext;
  readonly asOfMs: number | undefined;
  /** When the spend was read. */
  readonly readMs: number;
  readonly people: ReadonlyMap<string, Person>;
}

export const readyBudgets = async <Who>(subject: Subject<Who>, reading: BudgetReading): Promise<ReadyBudgets<Who>> =>
  (await watched(subject, reading)) ?? (await read(subject, reading));

async function watched<Who>(subject: Subject<Who>, reading: BudgetReading): Promise<ReadyBudgets<Who> | undefined> {
  const { reader, config, now, budgets: journal, watch } = reading;
  const known = watch?.current();
  if (known === undefined) return undefined;
  const { spend, atMs, people } = known;
  const who = subject.find(people);
  const common = { reader, calendar: ledgerCalendar(config), known: spend, only: subject.dimensions(who) };
  const inForce = known.revision === (await journal.revision()) ? known.budgets : await journal.budgets(config.budgets);
  const asOfMs = spend.asOfMs ?? (await reader.status()).asOfMs;
  if (!subject.isSeen(who)) watch?.lookForPeople((await reader.status()).asOfMs);
  const present = { budgets: subject.concerning(who, inForce), who, people, asOfMs, readMs: atMs, evaluation: { ...common, nowMs: now() } };
  if (budgetQuestions(present.budgets, present.evaluation).every((group) => spend.find(group) !== undefined)) return present;
  watch?.hurry();
  return { ...present, budgets: subject.concerning(who, known.budgets), evaluation: { ...common, nowMs: atMs } };
}

async function read<Who>(subject: Subject<Who>, { reader, config, now, budgets: journal }: BudgetReading): Promise<ReadyBudgets<Who>> {
  const people = lastSeen(await reader.people());
  const who = subject.find(people);
  const nowMs = now();
  return {
    budgets: subject.concerning(who, await journal.budgets(config.budgets)),
    ...{ who, people },
    evaluation: { reader, calendar: ledgerCalendar(config), nowMs, only: subject.dimensions(who) },
    asOfMs: (await reader.status()).asOfMs,
    readMs: nowMs,
  };
}
