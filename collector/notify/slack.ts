/** A message as Slack blocks, for an incoming webhook. Field names and limits follow Slack's Block Kit reference. */
import type { Channel } from '../alert-book.ts';
import type { AlertMessage } from '../alert-message.ts';
import { postJson } from './http-post.ts';
import { readSecret } from './secret.ts';

const SIGNS: Readonly<Record<AlertMessage['mood'], string>> = {
  critical: ':rotating_light:',
  warning: ':warning:',
  info: ':information_source:',
  resolved: ':white_check_mark:',
  digest: ':bar_chart:',
};

const HEADER_MAX = 150;
const TEXT_MAX = 3000;
const FIELD_MAX = 2000;
const FIELDS_MAX = 10;

export interface SlackMessage {
  /** Shown in notifications and where blocks are not. */
  readonly text: string;
  readonly blocks: readonly object[];
}

export function renderSlack(message: AlertMessage): SlackMessage {
  const { title, summary, facts, contributors, contributorsTitle, dataAge, links, mood } = message;
  const lines = contributors.map(({ name, amount, share, change }) => `• *${escaped(name)}*  ${escaped(amount)} (${share}), ${escaped(change)}`);
  return {
    text: escaped(`${title}. ${summary}`).slice(0, TEXT_MAX),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(`${SIGNS[mood]} ${title}`, HEADER_MAX), emoji: true } },
      section(escaped(summary)),
      ...chunks(facts, FIELDS_MAX).map((part) => ({
        type: 'section',
        fields: part.map(({ label, value }) => markdown(cut(`*${escaped(label)}*\n${escaped(value)}`, FIELD_MAX))),
      })),
      ...(lines.length > 0 ? [section(`*${escaped(contributorsTitle)}*\n${lines.join('\n')}`)] : []),
      { type: 'context', elements: [markdown([escaped(dataAge), ...links.map(linkText)].join('  |  '))] },
    ],
  };
}

/** Slack shows a link only for an address; a path of the repository stays text. */
const linkText = ({ title, url }: AlertMessage['links'][number]): string =>
  /^https?:/.test(url) ? `<${url.replaceAll('|', '%7C').replaceAll('>', '%3E')}|${escaped(title)}>` : `${escaped(title)}: ${escaped(url)}`;

const markdown = (text: string): object => ({ type: 'mrkdwn', text });
const section = (text: string): object => ({ type: 'section', text: markdown(cut(text, TEXT_MAX)) });

/** The three characters that have a meaning in Slack's text; names come from telemetry and must not make mentions. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

export const slackChannel = (name: string, urlFile: string): Channel => ({
  deliver: ({ message }) =>
    postJson({ url: readSecret(urlFile, `alerts.channels: ${name}: url_file`), body: JSON.stringify(renderSlack(message)), receiver: 'Slack' }),
});
