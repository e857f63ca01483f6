/** Everything that can be asked, in the order of the documents. */
import type { Question } from './question.ts';
import { SPEND } from './spend.ts';

export const QUESTIONS: readonly Question[] = [SPEND];
