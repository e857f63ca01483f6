/** The questions that a model may ask, each with the words that help it choose. All they take and give comes from the question itself. */
import { BUDGET, BUDGETS } from '../query/budgets.ts';
import { MY_BUDGET } from '../query/my-budget.ts';
import type { Question } from '../query/question.ts';
import { SPEND } from '../query/spend.ts';
import { STATUS } from '../query/status.ts';

export interface ToolText {
  /** Its id is the name of the tool. */
  readonly question: Question;
  readonly title: string;
  /** When to call it, beyond what the question says of itself. */
  readonly when: string;
}

/** In the order in which a model should think of them. */
export const TOOLS: readonly ToolText[] = [
  {
    question: SPEND,
    title: 'Spend and any other figure',
    when: 'Use it for totals, rankings and courses over time. Filter with where, such as ["team:platform"]; see the resource ledgerline://catalogue for every measure and dimension.',
  },
  {
    question: BUDGETS,
    title: 'Budgets and what remains of them',
    when: 'Use it when somebody asks how much is left, whether a team keeps within its budget, or when the money runs out.',
  },
  {
    question: BUDGET,
    title: 'One budget in detail',
    when: 'Use it for who used up a budget, how earlier periods went and who raised it. Keys are those of budgets.',
  },
  {
    question: MY_BUDGET,
    title: 'What one user has left before a limit',
    when: 'Use it before work that costs much, and when somebody asks what they may still spend. Without a user it is about the user of the token.',
  },
  {
    question: STATUS,
    title: 'How fresh and complete the figures are',
    when: 'Use it when figures look old, too low or incomplete: it says who sends, what was refused, and what to do about it.',
  },
];
