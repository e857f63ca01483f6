/** The messages as people get them: nothing is left out, nothing breaks out of its place. */
import { describe, expect, test } from '@jest/globals';
import { renderHtml } from '../../../collector/alerts/channels/mail/html.ts';
import { renderSlack } from '../../../collector/alerts/channels/slack/render.ts';
import { renderTeams } from '../../../collector/alerts/channels/teams/render.ts';
import { renderText } from '../../../collector/alerts/channels/text.ts';
import type { AlertMessage } from '../../../collector/alerts/message.ts';
import { MESSAGE } from '../message.ts';

/** What telemetry may bring as a name. */
const HOSTILE: AlertMessage = {
  ...MESSAGE,
  title: 'Budget <script>alert(1)</script> & "co"',
  contributors: [{ name: '<!channel> [x](https://evil.example) <img src=x onerror=alert(1)>', amount: '$1.00', share: '1 %', change: 'new' }],
};

const everything = ({ title, summary, facts, contributors, dataAge }: AlertMessage): string[] => [
  title,
  ...summary.split(' '),
  ...facts.flatMap(({ label, value }) => [label, value]),
  ...contributors.flatMap(({ name, amount, share, change }) => [name, amount, share, change]),
  dataAge,
];

describe('every rendering', () => {
  test.each([
    ['plain text', renderText(MESSAGE)],
    ['Slack', JSON.stringify(renderSlack(MESSAGE))],
    ['HTML', renderHtml(MESSAGE)],
    ['Teams', JSON.stringify(renderTeams(MESSAGE))],
  ])('says all there is: %s', (_, text) => {
    for (const part of everything(MESSAGE)) expect(text).toContain(part);
    for (const { url } of MESSAGE.links) expect(text).toContain(url);
  });
});

describe('a name', () => {
  const all = (message: AlertMessage): string[] => [
    renderText(message),
    renderHtml(message),
    JSON.stringify(renderSlack(message)),
    JSON.stringify(renderTeams(message)),
  ];

  test('of ten thousand characters does not push the figures out of sight', () => {
    const long = 'x'.repeat(10_000);
    const message: AlertMessage = {
      ...MESSAGE,
      title: `Budget ${long}`,
      summary: `${long} has spent.`,
      contributors: [{ name: long, amount: '$1.00', share: '1 %', change: 'new' }],
    };
    for (const text of all(message)) expect(Math.max(...(text.match(/x+/g) ?? []).map((part) => part.length))).toBeLessThanOrEqual(1_000);
  });

  test('in letters from right to left leaves the figure after it where it is', () => {
    const name = '\u05e6\u05d5\u05d5\u05ea \u05d0';
    for (const text of all({ ...MESSAGE, title: `Budget ${name}: 84 % used` })) expect(text).toContain(`Budget ${name}\u200e: 84 % used`);
  });
});

describe('plain text', () => {
  test('lines up its columns and keeps to the width of a mail', () => {
    expect(renderText(MESSAGE).split('\n').slice(0, 3)).toEqual([MESSAGE.title, '='.repeat(MESSAGE.title.length), expect.any(String)]);
    const contributors = renderText(MESSAGE)
      .split('\n')
      .filter((line) => line.startsWith('  '));
    expect(new Set(contributors.map((line) => line.indexOf('$'))).size).toBeLessThanOrEqual(2);
    expect(
      renderText(MESSAGE)
        .split('\n')
        .find((line) => line.includes('Team platform has spent'))?.length,
    ).toBeLessThanOrEqual(78);
  });
});

describe('Slack', () => {
  test('gets blocks within its limits, with nothing that mentions or links by itself', () => {
    const { text, blocks } = renderSlack(HOSTILE);
    const all = JSON.stringify({ text, blocks: blocks.slice(1) });
    expect(all).not.toContain('<!channel>');
    expect(all).not.toContain('<img');
    expect(all).toContain('&lt;!channel&gt;');
    expect(blocks.length).toBeLessThanOrEqual(50);
  });

  test('cuts what is too long instead of being refused', () => {
    const long = 'x'.repeat(5_000);
    const { text, blocks } = renderSlack({
      ...MESSAGE,
      title: long,
      summary: long,
      facts: Array.from({ length: 25 }, () => ({ label: 'L', value: long })),
    });
    expect(text.length).toBeLessThanOrEqual(3_000);
    const texts = (JSON.stringify(blocks).match(/x+…?/g) ?? []).map((part) => part.length);
    expect(Math.max(...texts)).toBeLessThanOrEqual(3_000);
    const fields = blocks.flatMap((block) => ('fields' in block ? [block.fields as object[]] : []));
    expect(fields.map((list) => list.length)).toEqual([10, 10, 5]);
  });
});

describe('HTML', () => {
  test('escapes what comes from telemetry', () => {
    const html = renderHtml(HOSTILE);
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;');
  });

  test('loads nothing from anywhere', () => {
    expect(renderHtml(MESSAGE)).not.toMatch(/<(img|link|script|iframe|object)\b|url\(/);
  });

  test('fills the bar as far as the amount is used, and no further than it is long', () => {
    const width = (used: number): string | undefined => /<td width="(\d+)%"/.exec(renderHtml({ ...MESSAGE, used }))?.[1];
    expect([width(0), width(0.849), width(1), width(7), width(Number.POSITIVE_INFINITY)]).toEqual([undefined, '84', '100', '100', '100']);
  });
});

describe('Teams', () => {
  test('gets an Adaptive Card in a message, whose text makes no links by itself', () => {
    const message = renderTeams(HOSTILE) as {
      type: string;
      attachments: { contentType: string; content: { type: string; version: string; body: object[] } }[];
    };
    expect(message.type).toBe('message');
    expect(message.attachments).toEqual([expect.objectContaining({ contentType: 'application/vnd.microsoft.card.adaptive' })]);
    expect(message.attachments[0]?.content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    expect(JSON.stringify(message)).not.toContain('[x](https://evil.example)');
  });
});
