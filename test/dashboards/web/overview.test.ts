/** The first screen: the total of the time range as the first figure, read with the keyboard; budgets on their tracks; nothing cut at any width. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../../collector/query/boards/answer.ts';
import type { TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { startDemoApi } from './fixture.ts';
import { shown, spendOf, visit } from './support.ts';

describeWithBackend('chromium', 'the first screen', () => {
  let running: RunningBrowser;
  let api: TestApi;
  beforeAll(async () => {
    [running, api] = await Promise.all([launchChromium(), startDemoApi()]);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  test.each(['', '?period=last_week', '?from=now-6d/d&where=team:platform'])('should begin with the total of the time range: %s', async (query) => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/${query}`);
    const { total } = await spendOf(api, query === '' ? '?period=this_month' : query);
    expect(await page.locator('.stat-figure').first().textContent()).toBe(shown(total));
    expect(complaints).toEqual([]);
    await close();
  });

  test('should read the course of the spend with the keyboard, and as a table', async () => {
    const { page, close } = await visit(running.browser, api.url);
    const { body } = await api.get<BoardAnswer>('/api/v1/boards/overview');
    const course = body.panels['cumulative-spend']?.cumulative;
    const card = page.locator('[data-panel="cumulative-spend"]');
    await card.locator('.plot').focus();
    await page.keyboard.press('ArrowLeft');
    await card.locator('.tooltip:not([hidden])').waitFor();
    expect(await card.locator('[aria-live]').textContent()).toContain(`Spent ${shown(course?.total)}`);
    await page.keyboard.press('Escape');
    expect(await card.locator('.tooltip').isHidden()).toBe(true);
    await card.getByRole('button', { name: 'Exact figures as a table: Spend' }).click();
    expect(await card.locator('tbody tr').count()).toBe(course?.at.length);
    await close();
  });

  test('should say how far each budget is used, by when, and lead to the spend behind it', async () => {
    const { page, close } = await visit(running.browser, api.url);
    const bar = page.locator('.budget-bar', { hasText: 'platform' });
    expect(await bar.locator('.budget-figures').textContent()).toMatch(/^\$[\d,.]+ of \$90\.00$/);
    expect(await bar.locator('.budget-words').textContent()).toMatch(/% used.* on day 20 of 30, 10 days left/);
    expect(await bar.locator('.budget-tick').count()).toBe(2);
    await bar.locator('.budget-name').click();
    await page.waitForURL(/\/boards\/team\?/);
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      from: '2026-11-01T00:00:00Z',
      to: '2026-12-01T00:00:00Z',
      where: 'team:platform',
    });
    await close();
  });

  test.each([1280, 390])('should cut no figure and scroll in no direction but down, %i pixels wide', async (width) => {
    const { page, close } = await visit(running.browser, api.url, { viewport: { width, height: 900 } });
    for (const path of ['/', '/boards/team', '/boards/budgets']) {
      await page.goto(`${api.url}${path}`);
      await page.locator('main[aria-busy="false"] .card').first().waitFor();
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)]).toEqual([path, 0]);
      const cut = await page.locator('.stat-figure, .headline-figure, .budget-figures, .bar-value').evaluateAll((nodes) =>
        nodes
          .filter((node) => {
            const [own, card] = [node.getBoundingClientRect(), node.closest('.card')?.getBoundingClientRect()];
            return card !== undefined && (own.right > card.right || own.left < card.left);
          })
          .map((node) => node.textContent),
      );
      expect([path, cut]).toEqual([path, []]);
    }
    await close();
  });
});
