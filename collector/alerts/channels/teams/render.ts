/** A message as an Adaptive Card, as a Microsoft Teams workflow ("When a Teams webhook request is received") posts it to a channel. */

import type { AlertMessage } from '../../message.ts';
import { headline } from '../headline.ts';
import { cut, tidy } from '../sanitize.ts';

/** Colors of the card schema, so that they fit light and dark. */
const COLORS: Readonly<Record<AlertMessage['mood'], string>> = {
  critical: 'attention',
  warning: 'warning',
  info: 'accent',
  resolved: 'good',
  digest: 'default',
  request: 'accent',
};

/** Teams refuses a message above 28 kB; this leaves room for what a workflow wraps around it. */
const BYTES_MAX = 26_000;
const FACTS_MAX = 25;
/** Lengths to which each text is cut, tried in this order until the card fits. */
const LENGTHS = [2_000, 400, 120, 40] as const;

export function renderTeams(message: AlertMessage): object {
  const tidied = tidy(message);
  const cards = LENGTHS.values().map((max) => cardMessage(tidied, max));
  return cards.find((card) => Buffer.byteLength(JSON.stringify(card)) <= BYTES_MAX) ?? cardMessage({ ...tidied, facts: [], links: [] }, 40);
}

function cardMessage({ title, summary, facts, contributors, contributorsTitle, dataAge, links, mood }: AlertMessage, max: number): object {
  const text = (value: string, more: object = {}): object => ({ type: 'TextBlock', text: plain(cut(value, max)), wrap: true, ...more });
  const fact = (label: string, value: string): object => ({ title: plain(cut(label, Math.min(max, 200))), value: plain(cut(value, max)) });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      text(headline({ mood, title }), { size: 'large', weight: 'bolder', color: COLORS[mood] }),
      text(summary),
      { type: 'FactSet', facts: facts.slice(0, FACTS_MAX).map(({ label, value }) => fact(label, value)) },
      ...(contributors.length > 0
        ? [
            text(contributorsTitle, { weight: 'bolder' }),
            {
              type: 'FactSet',
              facts: contributors.slice(0, FACTS_MAX).map(({ name, amount, share, change }) => fact(name, `${amount} (${share}), ${change}`)),
            },
          ]
        : []),
      text(dataAge, { isSubtle: true, size: 'small' }),
    ],
    actions: links.filter(({ url }) => /^https?:/.test(url)).map((link) => ({ type: 'Action.OpenUrl', ...link })),
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }] };
}

/** Cards read a part of Markdown; names come from telemetry and must not make links. */
const plain = (text: string): string => text.replaceAll(/[\\[\]*_`]/g, '\\$&');
