/**
 * How long a reader waits for the first board, measured in the browser from the click to the drawn figures, on the demo organization:
 * `node bin/node26.mjs test/dashboards/web/first-board.ts`. It prints; it does not judge, since a busy machine proves nothing.
 */
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../support/backends-servers.ts';
import { startDemoOrganization } from './demo-organization.ts';

const VISITS = 7;

const organization = await startDemoOrganization(console.log);
const running = await launchChromium();
try {
  const cold = [];
  const again = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const [first, second] = await visitTwice(running.browser, organization.url);
    cold.push(first);
    again.push(second);
  }
  console.log(`first visit, nothing cached: ${describe(cold)}`);
  console.log(`second visit, files cached:  ${describe(again)}`);
} finally {
  await running.stop();
  await organization.stop();
}

/** Milliseconds from the start of the navigation to the drawn board, as the page marks it; a new profile each time. */
async function visitTwice(browser: Browser, url: string): Promise<[number, number]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const drawnAfter = async (): Promise<number> => {
    await page.goto(url);
    await page.waitForFunction(() => performance.getEntriesByName('ledgerline-drawn').length > 0);
    return page.evaluate(() => performance.getEntriesByName('ledgerline-drawn')[0]?.startTime ?? Number.NaN);
  };
  const times: [number, number] = [await drawnAfter(), await drawnAfter()];
  await context.close();
  return times;
}

function describe(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const show = (ms: number | undefined): string => `${Math.round(ms ?? Number.NaN)} ms`;
  return `median ${show(sorted[Math.floor(sorted.length / 2)])}, slowest ${show(sorted.at(-1))}, of ${sorted.length}`;
}
