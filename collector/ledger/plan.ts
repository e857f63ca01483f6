/**
 * A plan is a transaction's order of things: it asks the tables one question after another and decides by the answers. It neither
 * waits nor knows whether an answer is there at once, so that one engine serves a store within reach, whose hot path a promise
 * for each question would slow down, and one over a network, which awaits each. A plan that fails is dropped, and with it
 * the transaction; then the engine must forget.
 */
import type { Tables } from './tables.ts';

type Question = (tables: Tables) => unknown;
export type Plan<Result> = Generator<Question, Result, unknown>;

export function* ask<Answer>(question: (tables: Tables) => Answer | Promise<Answer>): Plan<Answer> {
  // Whoever runs the plan hands back what this very question came to.
  return (yield question) as Answer;
}

/** Tables that answer at once. */
export type LocalTables = {
  readonly [Name in keyof Tables]: (...parameters: Parameters<Tables[Name]>) => Awaited<ReturnType<Tables[Name]>>;
};

export function run<Result>(plan: Plan<Result>, tables: LocalTables): Result {
  let step = plan.next();
  while (!step.done) step = plan.next(step.value(tables));
  return step.value;
}

/** The same over tables that answer later. */
export async function runLater<Result>(plan: Plan<Result>, tables: Tables): Promise<Result> {
  let step = plan.next();
  while (!step.done) step = plan.next(await step.value(tables));
  return step.value;
}
