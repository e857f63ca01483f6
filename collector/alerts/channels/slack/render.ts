/** A message as Slack blocks, for an incoming webhook. Field names and limits follow Slack's Block Kit reference. */

import type { AlertMessage } from '../../message.ts';
import { headline } from '../headline.ts';
import { cut, tidy } from '../sanitize.ts';

const SIGNS: Readonly<Record<AlertMessage['mood'], string>> = {
  critical: ':rotating_light:',
  warning: ':warning:',
  info: ':information_source:',
  resolved: ':white_check_mark:',
  digest: ':bar_chart:',
  request: ':raising_hand:',
};

const HEADER_MAX = 150;
const TEXT_MAX = 3000;
const FIELD_MAX = 2000;
const FIELDS_MAX = 10;
/** Fifty blocks are the limit; so many facts are ten of them. */
const FACTS_MAX = 100;

export interface SlackMessage {
  /** Shown in notifications and where blocks are not. */
  readonly text: string;
  readonly blocks: readonly object[];
}

export function renderSlack(message: AlertMessage): SlackMessage {
  const { title, summary, facts, contributors, contributorsTitle, dataAge, links, mood } = tidy(message);
  const shown = headline({ mood, title });
  const lines = contributors.map(
    ({ name, amount, share, change }) => `• *${escaped(cut(name, 100))}*  ${escaped(amount)} (${share}), ${escaped(change)}`,
  );
  return {
    text: escaped(`${shown}. ${summary}`, TEXT_MAX),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(`${SIGNS[mood]} ${shown}`, HEADER_MAX), emoji: true } },
      section(escaped(summary, TEXT_MAX)),
      ...chunks(facts.slice(0, FACTS_MAX), FIELDS_MAX).map((part) => ({
        type: 'section',
        fields: part.map(({ label, value }) => markdown(`*${escaped(label, 200)}*\n${escaped(value, FIELD_MAX - 203)}`)),
      })),
      ...(lines.length > 0 ? [section(linesWithin([`*${escaped(contributorsTitle, 200)}*`, ...lines], TEXT_MAX))] : []),
      { type: 'context', elements: [escaped(dataAge, TEXT_MAX), ...links.slice(0, 9).map(linkText)].filter((text) => text !== '').map(markdown) },
    ],
  };
}

/** Slack shows a link only for an address; a path of the repository stays text. An address too long for the limit is left out: half of it leads nowhere. */
function linkText({ title, url }: AlertMessage['links'][number]): string {
  if (!/^https?:/.test(url)) return escaped(`${title}: ${url}`, TEXT_MAX);
  const link = `<${escaped(url).replaceAll('|', '%7C')}|${escaped(title, 200)}>`;
  return link.length <= TEXT_MAX ? link : escaped(title, 200);
}

/** verbatim: nothing in it becomes a link or a mention that we did not write as one. */
const markdown = (text: string): object => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): object => ({ type: 'section', text: markdown(text === '' ? '–' : text) });

/** As many whole lines as fit. */
function linesWithin(lines: readonly string[], max: number): string {
  const fitting = lines.filter((_, index) => lines.slice(0, index + 1).join('\n').length <= max);
  return fitting.join('\n');
}

/** The three characters that have a meaning in Slack's text; names come from telemetry and must not make mentions. Cut before they grow. */
function escaped(text: string, max = Number.POSITIVE_INFINITY): string {
  let given = text;
  for (;;) {
    const made = given.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    if (made.length <= max) return made;
    given = cut(given, Math.max(1, Math.min(given.length - 1, given.length - Math.ceil((made.length - max) / 5))));
  }
}

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
