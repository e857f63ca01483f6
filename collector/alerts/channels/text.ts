/** A message as plain text: for mails, for the terminal, for whoever reads no HTML. */
import type { AlertMessage, ContributorLine } from '../message.ts';
import { tidy } from './sanitize.ts';

const COLUMNS = 78;

export function renderText(given: AlertMessage): string {
  const message = tidy(given);
  const width = Math.max(0, ...message.facts.map(({ label }) => label.length));
  const facts = message.facts.map(({ label, value }) => `${label.padEnd(width)}  ${value}`);
  const blocks = [
    [message.title, '='.repeat(Math.min(COLUMNS, message.title.length))],
    [wrap(message.summary)],
    facts,
    contributorLines(message),
    [message.dataAge],
    message.links.map(({ title, url }) => `${title}: ${url}`),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function contributorLines({ contributors, contributorsTitle }: AlertMessage): string[] {
  if (contributors.length === 0) return [];
  const width = (of: (line: ContributorLine) => string): number => Math.max(...contributors.map((line) => of(line).length));
  const [name, amount, share] = [width((line) => line.name), width((line) => line.amount), width((line) => line.share)];
  return [
    contributorsTitle,
    ...contributors.map((line) => `  ${line.name.padEnd(name)}  ${line.amount.padStart(amount)}  ${line.share.padStart(share)}  ${line.change}`),
  ];
}

function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
