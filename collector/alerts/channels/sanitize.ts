/**
 * Names come from telemetry: whatever a receiver could take for a line of its own, a turn of the text or half a character is taken out, and
 * no name pushes the figures out of sight.
 */
import { oneLine } from '../../core/visible.ts';
import type { AlertMessage } from '../message.ts';

const TITLE_MAX = 200;
const NAME_MAX = 200;
const VALUE_MAX = 600;
const SUMMARY_MAX = 1_000;

export function tidy(message: AlertMessage): AlertMessage {
  return {
    ...message,
    title: shown(message.title, TITLE_MAX),
    summary: shown(message.summary, SUMMARY_MAX),
    facts: message.facts.map(({ label, value }) => ({ label: shown(label, NAME_MAX), value: shown(value, VALUE_MAX) })),
    contributors: message.contributors.map(({ name, amount, share, change }) => ({
      name: shown(name, NAME_MAX),
      amount: oneLine(amount),
      share: oneLine(share),
      change: oneLine(change),
    })),
    contributorsTitle: oneLine(message.contributorsTitle),
    dataAge: oneLine(message.dataAge),
  };
}

/** Letters written from right to left, with what stands between them: Hebrew, Arabic and their neighbors. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[^\p{L}\p{N}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])*/gu;

/** A figure after a name in such letters would be drawn before it; a mark after the name holds the figure in its place. */
const shown = (text: string, max: number): string => cut(oneLine(text), max).replaceAll(RIGHT_TO_LEFT, '$&\u200e');

/** At most so many UTF-16 units, with an ellipsis for what is left out; never half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
