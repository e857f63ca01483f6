/**
 * How long a reader waits for the first board, measured in the browser from the click to the drawn figures, beside the least that a page of the
 * same server takes. Without a browser that is not measured.
 */
import type { Browser, Page } from 'playwright-core';
import { ROUTES } from '../../collector/catalog/names.ts';
import { configSchema } from '../../collector/config/config.ts';
import { demoBudgets } from '../../collector/demo/budgets.ts';
import { findBackend } from '../support/backends-find.ts';
import { launchChromium } from '../support/backends-servers.ts';
import { startServer } from './process.ts';
import { median, ms, type Report } from './report.ts';

export interface FirstBoardOptions {
  /** Folder of the demo's ledger. */
  readonly data: string;
  readonly visits: number;
}

interface Visit {
  readonly emptyMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
}

const AIM_MS = 500;

export async function benchFirstBoard({ data, visits }: FirstBoardOptions, report: Report): Promise<void> {
  const backend = findBackend('chromium');
  if (backend.kind === 'none') {
    report.note(`The first paint of the first board was not measured: ${backend.reason}.`);
    return;
  }
  const server = await startServer('ledger', data, undefined, { budgets: demoBudgets(configSchema.parse({})) });
  const running = await launchChromium();
  const all: Visit[] = [];
  try {
    for (let visit = 0; visit < visits; visit++) all.push(await visited(running.browser, `http://127.0.0.1:${server.ports.api}`));
  } finally {
    await running.stop();
    await server.stop();
  }
  present(all, report);
}

/** Each in a profile without anything in it; only the second time the files of the page are cached. */
async function visited(browser: Browser, url: string): Promise<Visit> {
  const emptyMs = await inNewProfile(browser, (page) => loadedAfter(page, `${url}${ROUTES.alive}`));
  return inNewProfile(browser, async (page) => ({ emptyMs, firstMs: await drawnAfter(page, url), secondMs: await drawnAfter(page, url) }));
}

async function inNewProfile<Result>(browser: Browser, measure: (page: Page) => Promise<Result>): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const result = await measure(await context.newPage());
  await context.close();
  return result;
}

/** Milliseconds from the start of the navigation to the drawn board, as the page marks it. */
async function drawnAfter(page: Page, url: string): Promise<number> {
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName('ledgerline-drawn').length > 0);
  return page.evaluate(() => performance.getEntriesByName('ledgerline-drawn')[0]?.startTime ?? Number.NaN);
}

/** Milliseconds from the start of the navigation until it is all there. */
async function loadedAfter(page: Page, url: string): Promise<number> {
  await page.goto(url);
  await page.waitForFunction(() => (performance.getEntriesByType('navigation')[0]?.duration ?? 0) > 0);
  return page.evaluate(() => performance.getEntriesByType('navigation')[0]?.duration ?? Number.NaN);
}

function present(all: readonly Visit[], report: Report): void {
  const row = (name: string, times: readonly number[]): string[] => [name, ms(median(times)), ms(Math.min(...times)), ms(Math.max(...times))];
  const [empty, first, second] = [all.map(({ emptyMs }) => emptyMs), all.map(({ firstMs }) => firstMs), all.map(({ secondMs }) => secondMs)];
  report.table(
    `First paint of the first board, ms of ${all.length} visits`,
    ['', 'median', 'fastest', 'slowest'],
    [row('an almost empty page of the same server', empty), row('the board, nothing cached', first), row('the board, files cached', second)],
  );
  report.aim({
    name: 'first paint of the first board, nothing cached',
    aim: `under ${AIM_MS} ms`,
    measured: `${ms(median(first))} ms (an almost empty page ${ms(median(empty))})`,
    isMet: median(first) < AIM_MS,
  });
}
