/** Whatever names telemetry brings, a message keeps to its receiver's limits and to its place: Slack's blocks, Teams' cards, mails. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mailChannel } from '../../collector/alerts/channels/mail/channel.ts';
import { renderHtml } from '../../collector/alerts/channels/mail/html.ts';
import { renderSlack } from '../../collector/alerts/channels/slack/render.ts';
import { renderTeams } from '../../collector/alerts/channels/teams/render.ts';
import type { AlertMessage } from '../../collector/alerts/message.ts';
import type { Delivery } from '../../collector/alerts/outbox.ts';
import { seededRandom } from '../support/random.ts';
import { MESSAGE } from './message.ts';
import { type MailServer, startMailServer } from './receivers.ts';

const ROUNDS = 400;
/** Pieces that have a meaning somewhere: mentions, markup, entities, lines, headers, half characters, turned text. */
const PIECES = [
  ...[
    'ada',
    ' ',
    '<!channel>',
    '<@U123>',
    '&',
    '<',
    '>',
    '&amp;',
    '"',
    "'",
    '|',
    '*',
    '_',
    '`',
    '~',
    '[x](https://evil.example)',
    'https://evil.example/',
  ],
  ...[
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '</td></table>',
    '\r\nBcc: thief@example.com',
    '\r\n\r\n',
    '\n> quote',
    '\n.\n',
    '\u0000',
    '\u2028',
  ],
  ...['\u202e', '😀', '\ud83d', 'é', '漢字', '=?utf-8?q?x?=', '{{ . }}', '%0d%0a', '\\'],
] as const;
const LENGTHS = [0, 1, 5, 40, 400, 4_000] as const;

const random = seededRandom('renderings');
const pick = <Item>(items: readonly Item[]): Item => random.pick(items);
function text(): string {
  const length = pick(LENGTHS);
  let made = '';
  while (made.length < length) made += pick(PIECES);
  return made;
}
const list = <Item>(make: () => Item): Item[] => Array.from({ length: random.below(pick([3, 15, 60])) }, make);

const hostile = (): AlertMessage => ({
  mood: pick(['critical', 'warning', 'info', 'resolved', 'digest']),
  title: `Budget ${text()}`,
  summary: text(),
  facts: list(() => ({ label: text(), value: text() })),
  used: random.below(4) === 0 ? undefined : pick([0, 0.5, 7]),
  contributors: list(() => ({ name: text(), amount: '$1.00', share: '1 %', change: 'new' })),
  contributorsTitle: 'Who',
  dataAge: text(),
  links: [
    { title: 'Open the board', url: `https://grafana.example.com/d/x?var-team=${encodeURIComponent(text().toWellFormed())}` },
    { title: 'What to do', url: 'dashboards/runbooks/x.md' },
  ],
});
const hostiles = Array.from({ length: ROUNDS }, hostile);

interface Text {
  readonly type: string;
  readonly text: string;
  readonly verbatim?: boolean;
}
interface Block {
  readonly type: string;
  readonly text?: Text;
  readonly fields?: readonly Text[];
  readonly elements?: readonly Text[];
}

describe('Slack', () => {
  test('takes every message: its numbers and lengths of blocks, fields and texts are within what Block Kit allows', () => {
    for (const message of hostiles) {
      // Rendered as plain objects of exactly this shape, which this test is about.
      const { text: fallback, blocks } = renderSlack(message) as { text: string; blocks: Block[] };
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(fallback.length).toBeLessThanOrEqual(3_000);
      for (const { type, text: own, fields = [], elements = [] } of blocks) {
        if (own !== undefined) expect([own.text.length > 0, own.text.length <= (type === 'header' ? 150 : 3_000)]).toEqual([true, true]);
        expect([fields.length <= 10, elements.length <= 10]).toEqual([true, true]);
        for (const field of fields) expect([field.text.length > 0, field.text.length <= 2_000]).toEqual([true, true]);
        for (const element of elements) expect([element.text.length > 0, element.text.length <= 3_000]).toEqual([true, true]);
      }
    }
  });

  test('finds no mention, no link and no broken character that a name brought along', () => {
    for (const message of hostiles) {
      const { text: fallback, blocks } = renderSlack(message) as { text: string; blocks: Block[] };
      const texts = blocks.flatMap(({ text: own, fields = [], elements = [] }) => [...(own === undefined ? [] : [own]), ...fields, ...elements]);
      for (const { type, text: value, verbatim } of texts) {
        expect(value.isWellFormed()).toBe(true);
        if (type !== 'mrkdwn') continue;
        expect(verbatim).toBe(true);
        // The only thing in angle brackets is our own link to the board; every ampersand begins one of the three entities.
        expect(value.replace(/^<https:\/\/grafana\.example\.com\/[^<>|]*\|Open the board>$/, '')).not.toMatch(/[<>]/);
        expect(value).not.toMatch(/&(?!amp;|lt;|gt;)/);
      }
      expect(fallback).not.toMatch(/[<>]/);
    }
  });
});

describe('Teams', () => {
  test('takes every card: it is below 28 kB, in whole characters, and still has its title', () => {
    for (const message of hostiles) {
      const json = JSON.stringify(renderTeams(message));
      expect(Buffer.byteLength(json)).toBeLessThan(28_000);
      expect(json).not.toMatch(/\\ud[89a-f]/i);
      // A bracket that could begin a link has its backslash.
      expect(json.replaceAll('\\\\', '\0')).not.toMatch(/[^\0]\[x[^\0]?\]\(/);
    }
  });

  test('is shown everything of a message of the usual size', () => {
    expect(JSON.stringify(renderTeams(MESSAGE))).not.toContain('…');
  });
});

describe('a mail', () => {
  let mail: MailServer;
  beforeEach(async () => {
    mail = await startMailServer();
  });
  afterEach(() => mail.stop());

  const delivery = (message: AlertMessage, subject = 'budget/platform'): Delivery => ({
    ...{ id: 'id', kind: 'firing', channel: 'mail', subject, message, labels: {}, to: undefined, createdMs: 0 },
    ...{ status: 'waiting', attempts: 0, nextMs: 0, deliveredMs: undefined, error: undefined },
  });

  test('has the recipients and headers that we gave it, and no other', async () => {
    const { deliver } = mailChannel({
      ...{ name: 'mail', type: 'email', smtp_host: '127.0.0.1', smtp_port: mail.port, smtp_tls: 'none' },
      ...{ from: 'l@example.com', to: ['lead@example.com'] },
    });
    const nasty = '\r\nBcc: thief@example.com\r\nX-Evil: 1\r\n\r\n<h1>';
    for (const message of [{ ...MESSAGE, title: `Budget ${nasty}` }, ...hostiles.slice(0, 15)]) await deliver(delivery(message, `budget/${nasty}`));
    expect(mail.received).toHaveLength(16);
    for (const { to, headers, subject } of mail.received) {
      expect(to).toEqual(['lead@example.com']);
      expect(
        headers
          .match(/^[^:\s]+(?=:)/gm)
          ?.map((name) => name.toLowerCase())
          .sort(),
      ).toEqual([
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'subject',
        'to',
        'x-ledgerline-kind',
        'x-ledgerline-subject',
      ]);
      expect(subject).not.toMatch(/[\r\n]/);
    }
    expect(mail.received[0]?.subject).toBe('[warning] Budget  Bcc: thief@example.com X-Evil: 1 <h1>');
  });

  test('has no element in its HTML that a name brought along', () => {
    const elements = (html: string): string[] =>
      [...new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = '']) => name.toLowerCase()))].sort();
    const known = elements(renderHtml(MESSAGE));
    for (const message of hostiles) {
      const html = renderHtml(message);
      expect(elements(html).filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});
