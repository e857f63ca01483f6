/** The reference of the API in a browser: readable in both colors and on a phone, and it loads nothing from elsewhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { ALL_QUESTIONS } from '../../../collector/api/api.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

interface Violation {
  readonly id: string;
  readonly impact: string;
}

describeWithBackend('chromium', 'the reference of the API', () => {
  let running: RunningBrowser;
  let api: TestApi;
  beforeAll(async () => {
    running = await launchChromium();
    api = await startApi();
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  async function open(options: BrowserContextOptions = {}) {
    const context = await running.browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`${api.url}/docs/api`);
    return { page, complaints, requests, close: () => context.close() };
  }

  test.each([
    ['light', {}],
    ['dark', {}],
    ['light', PHONE],
  ] as const)('is readable, %s, %j', async (colorScheme, options) => {
    const { page, complaints, requests, close } = await open({ colorScheme, ...options });
    expect(await page.locator('article h2').count()).toBeGreaterThan(ALL_QUESTIONS.length);
    for (const details of await page.locator('#spend details').all()) await details.locator('summary').click();
    await page.evaluate(AXE);
    // The cast names what the script answers that was put in.
    const found = (await page.evaluate('axe.run(document).then(({ violations }) => violations)')) as readonly Violation[];
    expect(found.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    expect(requests.filter((address) => !address.startsWith(`${api.url}/`))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  test('has every question with a link that works, and every kind of problem', async () => {
    const { page, close } = await open();
    const ids = await page.locator('article').evaluateAll((articles) => articles.map(({ id }) => id));
    expect(ids).toEqual(expect.arrayContaining(ALL_QUESTIONS.map(({ id }) => id)));
    const links = await page.locator('article a').evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute('href') ?? ''));
    const statuses = await Promise.all(links.map(async (link) => `${(await api.get(link)).status} ${link}`));
    // What is of another ledger is not found in this one, and nobody is named.
    expect(statuses.filter((line) => !/^(?:200|404) |me\/(?:budget|statusline)$/.test(line))).toEqual([]);
    const { text } = await api.get('/api/v1/spend?by=teem');
    const { type } = JSON.parse(text) as { type: string };
    await page.goto(`${api.url}${type}`);
    expect(await page.locator(':target').textContent()).toContain('invalid');
    await close();
  });
});
