/** Names come from telemetry: whatever a receiver could take for a line of its own, a turn of the text or half a character is taken out. */
import { oneLine } from '../../core/visible.ts';
import type { AlertMessage } from '../message.ts';

export function tidy(message: AlertMessage): AlertMessage {
  return {
    ...message,
    title: oneLine(message.title),
    summary: oneLine(message.summary),
    facts: message.facts.map(({ label, value }) => ({ label: oneLine(label), value: oneLine(value) })),
    contributors: message.contributors.map(({ name, amount, share, change }) => ({
      name: oneLine(name),
      amount: oneLine(amount),
      share: oneLine(share),
      change: oneLine(change),
    })),
    contributorsTitle: oneLine(message.contributorsTitle),
    dataAge: oneLine(message.dataAge),
  };
}

/** At most so many UTF-16 units, with an ellipsis for what is left out; never half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
