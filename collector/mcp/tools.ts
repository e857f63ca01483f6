/** The questions that a model may ask, each with the words that help it choose. All they take and give comes from the question itself. */
import type { Question } from '../query/question.ts';
import { SPEND } from '../query/spend.ts';

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
];
