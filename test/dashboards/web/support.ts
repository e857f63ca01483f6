/** A page in a real Chromium, with everything it did wrong written down. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { displayUsd, parseUsd } from '../../../collector/core/money.ts';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import type { TestApi } from '../../api/support.ts';

export interface Visit {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, violations of the content security policy, dialogs. */
  readonly complaints: string[];
  /** Addresses that the page asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Of the answer that the visit starts with; an answer other than 200 is then no complaint. */
  readonly isRefused?: boolean;
}

/** As waitFor() has it: only a hang gets there. */
const WAIT_MS = 60_000;

/** Opens the address and waits until the first answer is drawn. */
export async function visit(browser: Browser, url: string, { isRefused = false, ...options }: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    if (isRefused && message.text().startsWith('Failed to load resource')) return;
    complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await settled(page);
  return { page, complaints, requests, close: () => context.close() };
}

/** The answer to the last choice is drawn, charts included. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main[aria-busy="false"]').waitFor();
  const frames = await page.locator('.plot-frame').count();
  if (frames > 0) await page.locator('.plot-frame canvas').first().waitFor();
}

/** Follows the navigation's link to the board, as a reader does, and waits until it is drawn. */
export async function openBoard(page: Page, path: string): Promise<void> {
  await page.locator(`.boards [data-place="${path}"]`).click();
  await page.waitForFunction((wanted) => document.querySelector('main')?.dataset.path === wanted, path);
  await settled(page);
}

/** What REST answers to the same question, for comparison. */
export const spendOf = async (api: TestApi, query: string): Promise<SpendAnswer> => (await api.get<SpendAnswer>(`/api/v1/spend${query}`)).body;

/** An amount as the page writes it. */
export const shown = (amount: unknown): string => displayUsd(parseUsd(String(amount)) ?? -1n);
