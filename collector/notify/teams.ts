/** A message as an Adaptive Card, as a Microsoft Teams workflow ("When a Teams webhook request is received") posts it to a channel. */
import type { Channel } from '../alert-book.ts';
import type { AlertMessage } from '../alert-message.ts';
import { postJson } from './http-post.ts';
import { readSecret } from './secret.ts';

/** Colours of the card schema, so that they fit light and dark. */
const COLOURS: Readonly<Record<AlertMessage['mood'], string>> = {
  critical: 'attention',
  warning: 'warning',
  info: 'accent',
  resolved: 'good',
  digest: 'default',
};

export function renderTeams({ title, summary, facts, contributors, contributorsTitle, dataAge, links, mood }: AlertMessage): object {
  const text = (value: string, more: object = {}): object => ({ type: 'TextBlock', text: plain(value), wrap: true, ...more });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      text(title, { size: 'large', weight: 'bolder', color: COLOURS[mood] }),
      text(summary),
      { type: 'FactSet', facts: facts.map(({ label, value }) => ({ title: plain(label), value: plain(value) })) },
      ...(contributors.length > 0
        ? [
            text(contributorsTitle, { weight: 'bolder' }),
            {
              type: 'FactSet',
              facts: contributors.map(({ name, amount, share, change }) => ({ title: plain(name), value: `${amount} (${share}), ${change}` })),
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

export const teamsChannel = (name: string, urlFile: string): Channel => ({
  deliver: ({ message }) =>
    postJson({
      url: readSecret(urlFile, `alerts.channels: ${name}: url_file`),
      body: JSON.stringify(renderTeams(message)),
      receiver: 'Microsoft Teams',
    }),
});
