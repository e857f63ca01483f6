/** The title with its severity as a word: color alone is seen by nobody who reads a notification on a locked phone. */
import type { AlertMessage } from '../message.ts';

const WORDS: Readonly<Partial<Record<AlertMessage['mood'], string>>> = { critical: 'Critical', warning: 'Warning', info: 'Info' };

/** What is resolved says so in its title, and a digest has no severity. */
export function headline({ mood, title }: Pick<AlertMessage, 'mood' | 'title'>): string {
  const word = WORDS[mood];
  return word === undefined ? title : `${word}: ${title}`;
}
