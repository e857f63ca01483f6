/** Mails as a browser lays them out: none is wider than a phone, whatever name is in it. */
import { expect, test } from '@jest/globals';
import { renderHtml } from '../../collector/alerts/channels/mail/html.ts';
import type { AlertMessage } from '../../collector/alerts/message.ts';
import { describeWithBackend } from '../support/backends.ts';
import { launchChromium } from '../support/backends-servers.ts';
import { MESSAGE } from './message.ts';

const LONG = 'x'.repeat(300);
const [fact, ...facts] = MESSAGE.facts;
const CASES: readonly (readonly [string, Partial<AlertMessage>])[] = [
  ['title', { title: LONG }],
  ['summary', { summary: LONG }],
  ['fact', { facts: [{ label: fact?.label ?? '', value: LONG }, ...facts] }],
];

describeWithBackend('chromium', 'a mail', () => {
  test('fits a phone with a name of hundreds of letters in any of its parts', async () => {
    const { browser, stop } = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    try {
      for (const [part, long] of CASES) {
        await page.setContent(renderHtml({ ...MESSAGE, ...long }));
        expect([part, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([part, 390]);
      }
    } finally {
      await stop();
    }
  });
});
