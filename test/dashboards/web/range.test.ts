/** The time range: what a link takes along, which dates and which zone the figures are of; and what a demo says. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Panel } from '../../../collector/catalog/panel.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { startDemoApi, startSmallApi } from './fixture.ts';
import { openBoard, settled, shown, spendOf, visit } from './support.ts';

/** Panels with rows of spend that open a board which begins with spend. */
const leadsOn = ({ query, visualization, opens }: Panel, board: string): boolean =>
  query.source === 'ledger' &&
  query.figures[0] === 'cost' &&
  query.summary === undefined &&
  (visualization === 'bars' || visualization === 'table') &&
  query.by.length > 0 &&
  firstFigure(opens ?? board) === 'cost';

function firstFigure(id: string): string | undefined {
  const query = BOARDS.find((board) => board.id === id)?.rows[0]?.panels[0]?.query;
  return query?.source === 'ledger' && query.window === 'range' && query.by.length === 0 ? query.figures[0] : undefined;
}

const PANELS = BOARDS.flatMap(({ id, rows }) =>
  rows.flatMap(({ panels }) => panels.filter((panel) => leadsOn(panel, id)).map((panel) => ({ board: id, panel }))),
);

/** One of each kind: what it is drawn as, its window, where it leads. */
const KINDS = [
  ...new Map(
    PANELS.map((one) => {
      const { query, visualization, opens } = one.panel;
      const by = query.source === 'ledger' ? [query.by.join(), query.window] : [];
      return [[visualization, ...by, opens ?? one.board].join(' '), one] as const;
    }),
  ),
];

describeWithBackend('chromium', 'the time range of the page', () => {
  let running: RunningBrowser;
  let browser: Browser;
  let api: TestApi;
  let filled: TestApi;

  beforeAll(async () => {
    [running, api, filled] = await Promise.all([launchChromium(), startSmallApi(), startDemoApi()]);
    browser = running.browser;
  });
  afterAll(async () => {
    await api?.stop();
    await filled?.stop();
    await running?.stop();
  });

  const first = (page: Page) => page.locator('.stat-figure').first().textContent();

  test.each(KINDS)('should lead from %s to the same figure', async (_, { board, panel }) => {
    const path = board === 'overview' ? '/' : `/boards/${board}`;
    const { page, complaints, close } = await visit(browser, `${filled.url}${path}?from=now-2d/d`);
    const card = page.locator(`[data-panel="${panel.id}"]`);
    const row = card.locator(panel.visualization === 'bars' ? 'li:has(a.bar)' : 'tbody tr:has(a)').first();
    if ((await row.count()) > 0) {
      const figure = await row
        .locator(panel.visualization === 'bars' ? '.bar-value' : 'td:not(.is-label)')
        .first()
        .textContent();
      const before = page.url();
      await row.locator('a').first().click();
      await page.waitForURL((address) => address.href !== before);
      await settled(page);
      await waitFor(`the figure ${figure} first`, async () => (await first(page)) === figure?.trim());
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test('should say which dates the figures are of, and follow a zone that is searched for, from board to board', async () => {
    const { page, complaints, close } = await visit(browser, `${api.url}/boards/workspace`);
    const dates = page.locator('#range-dates');
    const zone = page.getByRole('button', { name: /^Time zone/ });
    expect(await zone.textContent()).toBe('Asia/Kolkata');
    expect(await dates.textContent()).toMatch(/^1\s?–\s?\d+ \w+ \d{4}$/);
    await zone.click();
    await page.locator('.menu:popover-open .menu-search').fill('honolulu');
    await page.locator('.menu:popover-open').getByRole('button', { name: 'Pacific/Honolulu' }).click();
    await page.waitForURL(/tz=Pacific%2FHonolulu/);
    await settled(page);
    expect(await zone.textContent()).toBe('Pacific/Honolulu');
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('button', { name: 'Yesterday', exact: true }).click();
    await page.waitForURL(/period=yesterday/);
    await settled(page);
    const { total } = await spendOf(api, '?period=yesterday&tz=Pacific/Honolulu');
    await waitFor('spend of yesterday in Honolulu', async () => (await first(page)) === shown(total));
    await openBoard(page, '/boards/models');
    expect(new URL(page.url()).searchParams.get('tz')).toBe('Pacific/Honolulu');
    expect(await dates.textContent()).toMatch(/^\d+ \w+ \d{4}$/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should offer every zone there is', async () => {
    const { page, close } = await visit(browser, `${api.url}/boards/workspace`);
    await page.getByRole('button', { name: /^Time zone/ }).click();
    const zones = await page.locator('.menu:popover-open .choices button').allTextContents();
    expect(zones.length).toBeGreaterThan(400);
    expect(zones).toContain('UTC');
    for (const name of ['Europe/Berlin', 'America/New York', 'Asia/Tokyo']) expect(zones).toContain(name);
    await close();
  });

  test('should lead from panels of gauges about this month to this month, and nowhere from a price list', async () => {
    const { page, close } = await visit(browser, `${filled.url}/?period=last_month&tz=Asia/Tokyo`);
    const forecasts = await page
      .locator('[data-panel^="forecast-"] tbody a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    const [title] = await page
      .locator('[data-panel^="users-by-spend"] h3 a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(forecasts.length).toBeGreaterThan(0);
    for (const href of [...forecasts, title ?? '']) {
      const { searchParams } = new URL(href, filled.url);
      expect([href, searchParams.get('period'), searchParams.get('tz')]).toEqual([href, null, 'Asia/Tokyo']);
    }
    await openBoard(page, '/boards/chargeback');
    const prices = page.locator('[data-panel^="alternative-cost"]');
    expect(await prices.locator('.bar, tbody tr').count()).toBeGreaterThan(0);
    expect(await prices.locator('a.bar, tbody a').count()).toBe(0);
    await close();
  });

  test('should set rows about the present apart', async () => {
    const { page, close } = await visit(browser, `${api.url}/boards/workspace?period=last_month`);
    const rows = page.locator('.row.is-now');
    expect(await rows.locator('.row-now').allTextContents()).toEqual(['Now']);
    const { total } = await spendOf(api, '?period=this_month');
    expect(await rows.locator('[data-panel="cost-this-month"] .stat-figure').textContent()).toBe(shown(total));
    expect(await first(page)).toBe(shown((await spendOf(api, '?period=last_month')).total));
    await close();
  });

  test('should mark a demo on every board, with its progress, and nothing else', async () => {
    let daysSent = 34;
    const demo = await startApi({ nowMs: NOON, demo: async () => ({ daysSent, days: 90 }) });
    await demo.append([event({ id: 'first' })]);
    const { page, close } = await visit(browser, demo.url);
    const note = page.locator('#demo');
    await note.filter({ hasText: 'Demo: a made-up organization. Its history is being sent: 34 of 90 days.' }).waitFor();
    expect(await page.title()).toBe('Demo · Overview · Ledgerline');
    daysSent = 90;
    // The page asks by itself until everything is there.
    await waitFor('the demo to be filled', async () => (await note.textContent()) === 'Demo: a made-up organization.');
    for (const { id, title } of BOARDS.slice(1)) {
      await openBoard(page, `/boards/${id}`);
      expect([await note.isVisible(), await page.title()]).toEqual([true, `Demo · ${title} · Ledgerline`]);
    }
    await close();
    await demo.stop();
    const real = await visit(browser, api.url);
    await waitFor('who asks', async () => real.requests.some((address) => address.endsWith('/api/v1/me')));
    await openBoard(real.page, '/boards/models');
    expect([await real.page.locator('#demo').isVisible(), await real.page.title()]).toEqual([false, 'Models and tokens · Ledgerline']);
    await real.close();
  });
});
