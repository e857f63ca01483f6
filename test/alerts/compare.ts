/** A message as each channel sends it, compared with committed files. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { mailOf } from '../../collector/alerts/channels/mail/channel.ts';
import { renderSlack } from '../../collector/alerts/channels/slack/render.ts';
import { renderTeams } from '../../collector/alerts/channels/teams/render.ts';
import { webhookBody } from '../../collector/alerts/channels/webhook/render.ts';
import type { Delivery } from '../../collector/alerts/outbox.ts';
import { expectGolden } from '../support/golden.ts';

export const GOLDEN = join(import.meta.dirname, 'golden');

/** All channels of one message, as they leave the collector. */
export function compareMessage(name: string, given: Delivery): void {
  const { subject, text, html } = mailOf(given, 'Ledgerline <l@example.com>');
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  const [slack, teams] = [renderSlack(given.message), renderTeams(given.message)];
  const parts = { mail: `Subject: ${subject}\n\n${text}`, slack: json(slack), teams: json(teams), webhook: json(JSON.parse(webhookBody(given))) };
  const all = Object.entries(parts).map(([channel, part]) => `==== ${channel}\n${part.trimEnd()}\n`);
  expectGolden(join(GOLDEN, `${name}.txt`), all.join('\n'));
  expectGolden(join(GOLDEN, `${name}.html.txt`), html);
  expect([slack.blocks.length <= 50, Buffer.byteLength(JSON.stringify(teams)) <= 28_000, subject.length <= 220]).toEqual([true, true, true]);
  expect(subject + text).not.toMatch(/localhost|Ledgerline(?:Budget|Session|Anomaly|Un)\w*(?!\S*$)/m);
}
