import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { waitFor } from '../../support/wait.ts';
import { HOSTILE, startSmallApi } from './fixture.ts';
import { openBoard, settled, shown, spendOf, visit } from './support.ts';

describeWithBackend('chromium', 'the selection of the built-in boards', () => {
  let running: RunningBrowser;
  let browser: Browser;
  let api: TestApi;

  beforeAll(async () => {
    running = await launchChromium();
    browser = running.browser;
    api = await startSmallApi();
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  const spend = (query: string) => spendOf(api, query);
  const where = (page: Page): readonly string[] => new URL(page.url()).searchParams.getAll('where');
  const monthFigure = (page: Page) => page.locator('[data-panel="cost-this-month"] .stat-figure');

  async function choose(page: Page, dimension: string, values: readonly string[]): Promise<void> {
    await page.locator(`button[popovertarget="menu-${dimension}"]`).click();
    for (const value of values) {
      await page.locator('.menu:popover-open .menu-search').fill(value);
      await page.locator('.menu:popover-open .choice', { hasText: value }).first().click();
    }
    await page.getByRole('button', { name: 'Done' }).click();
    await settled(page);
  }

  test('should narrow a board to several values of a menu that is searched, and survive a reload', async () => {
    const { page, complaints, close } = await visit(browser, api.url);
    await choose(page, 'team', ['search', 'platform']);
    expect(where(page)).toEqual(['team:search', 'team:platform']);
    const { total } = await spend('?period=this_month&where=team:search&where=team:platform');
    await waitFor('the narrowed figure', async () => (await monthFigure(page).textContent()) === shown(total));
    await page.reload();
    await settled(page);
    expect(await monthFigure(page).textContent()).toBe(shown(total));
    expect(await page.locator('button[popovertarget="menu-team"]').textContent()).toBe('Teamsearch+1');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL(`${api.url}/`);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should say of a filter that no record matches which name may be meant, on boards and in the list of sessions', async () => {
    for (const path of ['/', '/sessions']) {
      const { page, close } = await visit(browser, `${api.url}${path}?where=team:serach`);
      expect(await page.locator('.notice').first().textContent()).toBe('No record has the team "serach"; did you mean "search"?');
      await close();
    }
  });

  test('should list the known values with what each cost under the other filters', async () => {
    const { page, close } = await visit(browser, `${api.url}/?from=now-6d/d&where=team:search`);
    await page.locator('button[popovertarget="menu-user"]').click();
    await page.locator('.choice').first().waitFor();
    const { rows } = await spend('?by=user&from=now-6d/d&where=team:search');
    expect(await page.locator('.choice-name').allTextContents()).toEqual(rows.map((row) => row.user));
    expect(await page.locator('.choice-amount').allTextContents()).toEqual(rows.map((row) => shown(row.cost_usd)));
    await close();
  });

  test('should carry time range and filters from board to board, and back', async () => {
    const search = '?from=now-6d%2Fd&where=team%3Asearch&where=model%3Aclaude-opus-4-7';
    const { page, close } = await visit(browser, `${api.url}/${search}`);
    for (const path of ['/boards/models', '/boards/trust', '/sessions', '/boards/team']) {
      await openBoard(page, path);
      expect(page.url()).toBe(`${api.url}${path}${search}`);
    }
    for (const path of ['/sessions', '/boards/trust']) {
      await page.goBack();
      await page.waitForFunction((wanted) => document.querySelector('main')?.dataset.path === wanted, path);
      expect(page.url()).toBe(`${api.url}${path}${search}`);
    }
    await close();
  });

  test('should show hostile names as text, wherever a name is shown', async () => {
    const { page, complaints, close } = await visit(browser, api.url);
    await choose(page, 'team', [HOSTILE]);
    expect(where(page)).toEqual([`team:${HOSTILE}`]);
    expect(await page.locator('button[popovertarget="menu-team"]').textContent()).toContain(HOSTILE);
    for (const path of ['/boards/team', '/boards/trust', '/sessions']) {
      await openBoard(page, path);
      expect(await page.locator('main').textContent()).toContain(HOSTILE);
      expect(await page.locator('img').count()).toBe(0);
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test('should narrow by a bar and widen by the same bar', async () => {
    const { page, close } = await visit(browser, `${api.url}/boards/features`);
    const bar = page.locator('[data-panel="cost-by-provider"] a.bar').first();
    const name = await bar.locator('.bar-label').textContent();
    await bar.click();
    await page.locator('[data-panel="cost-by-provider"] a.bar[aria-current]').waitFor();
    expect(where(page)).toEqual([`provider:${name}`]);
    await page.getByRole('button', { name: `Remove the filter provider ${name}` }).waitFor();
    await page.locator('[data-panel="cost-by-provider"] a.bar[aria-current]').click();
    await page.waitForURL(`${api.url}/boards/features`);
    await close();
  });

  test('should follow presets of the time range, and take days from the calendar', async () => {
    const { page, close } = await visit(browser, `${api.url}/boards/workspace`);
    const range = page.getByRole('button', { name: /^Time range/ });
    await range.click();
    await page.getByRole('button', { name: 'Last 7 days' }).click();
    await page.waitForURL(/from=/);
    await settled(page);
    expect(new URL(page.url()).searchParams.get('from')).toBe('now-6d/d');
    const { total } = await spend('?from=now-6d/d');
    expect(await page.locator('.stat-figure').first().textContent()).toBe(shown(total));
    expect(await page.locator('.facts dd').first().textContent()).toBe(shown(total));
    await range.click();
    await page.getByLabel('First day').fill('2020-02-01');
    await page.getByLabel('Last day').fill('2020-01-31');
    await page.getByRole('button', { name: 'Show these days' }).click();
    await page.getByText('The last day is before the first.').waitFor();
    await page.getByLabel('Last day').fill('2020-02-29');
    await page.getByRole('button', { name: 'Show these days' }).click();
    await page.locator('.notice', { hasText: 'No data for this selection' }).waitFor();
    expect(new URL(page.url()).search).toBe('?from=2020-02-01&to=2020-03-01');
    expect(await range.textContent()).toBe('1 Feb 2020 – 29 Feb 2020');
    await page.getByRole('button', { name: 'Back to this month, without filters' }).click();
    await page.waitForURL(`${api.url}/boards/workspace`);
    await page.locator('[data-panel="cost-by-team"] .bar').first().waitFor();
    await close();
  });

  test('should look closer where a chart is clicked, dragged over, or read with the keyboard', async () => {
    const { page, close } = await visit(browser, `${api.url}/?from=now-29d/d`);
    const plot = page.locator('[data-panel="cost-per-day-by-team"] .u-over');
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('The chart has no place on the page.');
    const at = (share: number): [number, number] => [box.x + box.width * share, box.y + box.height / 2];
    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.4));
    await page.mouse.move(...at(0.5));
    await page.mouse.up();
    await page.waitForURL(/to=/);
    await settled(page);
    const dragged = new URL(page.url()).searchParams;
    const days = (Date.parse(dragged.get('to') ?? '') - Date.parse(dragged.get('from') ?? '')) / 86_400_000;
    expect(days).toBeGreaterThan(5);
    expect(days).toBeLessThan(11);
    await page.locator('[data-panel="cost-per-day-by-team"] .plot').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const dayLater = new Date(Date.parse(dragged.get('from') ?? '') + 86_400_000).toISOString().replace('.000Z', 'Z');
    await page.waitForURL((address) => address.searchParams.get('to') === dayLater);
    expect(new URL(page.url()).searchParams.get('from')).toBe(dragged.get('from'));
    await page.locator('h3', { hasText: 'Spend per hour by team' }).waitFor();
    await close();
  });

  test('should end with the last bar where a time range that is over is looked at closer there', async () => {
    const { page, close } = await visit(browser, `${api.url}/?period=last_month`);
    await page.locator('[data-panel="cost-per-day-by-team"] .plot').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=/);
    const { body } = await api.get<{ asked: { to: string } }>('/api/v1/boards/overview?period=last_month');
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('to')).toBe(body.asked.to);
    expect(Date.parse(body.asked.to) - Date.parse(searchParams.get('from') ?? '')).toBe(86_400_000);
    await close();
  });

  test.each([
    { width: 1280, height: 900 },
    { width: 700, height: 900 },
  ])('should say on paper what was picked, and nothing else, %j', async (viewport) => {
    const { page, close } = await visit(browser, `${api.url}/?period=last_month&where=team:search&where=provider:none`, { viewport });
    await page.emulateMedia({ media: 'print' });
    const bar = page.locator('#toolbar');
    expect(await bar.locator('#range-dates').textContent()).not.toBe('');
    const texts = await bar
      .locator('.picker')
      .evaluateAll((pickers) => pickers.filter((picker) => picker.checkVisibility()).map((picker) => picker.textContent));
    expect(texts).toEqual(['Last month', 'Asia/Kolkata', 'Teamsearch', 'providernone×']);
    expect(await bar.locator('#range-dates').isVisible()).toBe(true);
    expect(await bar.getByRole('button', { name: 'Clear filters' }).isVisible()).toBe(false);
    await close();
  });
});
