import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startApi, type TestApi } from '../../api/support.ts';
import { createAuthenticator } from '../../support/authenticator.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { startSmallApi } from './fixture.ts';
import { settled, shown, spendOf, visit } from './support.ts';

describeWithBackend('chromium', 'the built-in page', () => {
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

  test('should show what REST says, without a complaint and without asking anyone else', async () => {
    const { page, complaints, requests, close } = await visit(browser, api.url);
    for (const [panel, period] of [
      ['cost-today', 'today'],
      ['cost-this-month', 'this_month'],
    ]) {
      const { total } = await spend(`?period=${period}`);
      expect(await page.locator(`[data-panel="${panel}"] .stat-value`).textContent()).toBe(shown(total));
    }
    const { rows } = await spend('?by=team&period=this_month');
    await page.locator('[data-panel="cost-by-team"]').getByText('Show').click();
    const bars = page.locator('[data-panel="cost-by-team"] .bar');
    expect(await bars.locator('.bar-label').allTextContents()).toEqual(rows.map((row) => row.team));
    expect(await bars.locator('.bar-value').allTextContents()).toEqual(rows.map((row) => shown(row.cost_usd)));
    expect(requests.filter((address) => !address.startsWith(`${api.url}/`))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should be usable with the keyboard alone', async () => {
    const { page, close } = await visit(browser, `${api.url}/?from=now-29d/d`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    const card = page.locator('[data-panel="cost-per-day-by-team"]');
    await card.locator('.plot').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await card.locator('.tooltip:not([hidden])').waitFor();
    const spoken = await card.locator('[aria-live]').textContent();
    const { rows } = await spend('?by=team&grain=day&period=yesterday&where=team:platform');
    expect(spoken).toContain(`platform $${rows[0]?.cost_usd}`);
    await page.keyboard.press('Escape');
    expect(await card.locator('.tooltip').isHidden()).toBe(true);
    await page.goto(`${api.url}/boards/features?from=now-29d/d`);
    await settled(page);
    const bar = page.locator('[data-panel="cost-by-provider"] a.bar').first();
    await bar.focus();
    const focus = await bar.getAttribute('data-focus');
    await page.keyboard.press('Enter');
    await page.locator('[data-panel="cost-by-provider"] a.bar[aria-current]').waitFor();
    await settled(page);
    // Focus stays on the bar that was pressed, although everything was drawn anew.
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-focus'))).toBe(focus);
    await close();
  });

  test('should hide and show a series by its name in the legend', async () => {
    const { page, close } = await visit(browser, api.url);
    const item = page.locator('.legend-item', { hasText: 'platform' });
    await item.click();
    expect(await item.getAttribute('aria-pressed')).toBe('false');
    await page.locator('.plot-frame canvas').first().waitFor();
    await item.click();
    expect(await item.getAttribute('aria-pressed')).toBe('true');
    await close();
  });

  test('should follow the system into the dark, and the reader out of it for good', async () => {
    const { page, close } = await visit(browser, api.url, { colorScheme: 'dark' });
    const lightness = () =>
      page.evaluate(() => {
        const [red = 0, green = 0, blue = 0] = getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? [];
        return (red + green + blue) / 3;
      });
    expect(await lightness()).toBeLessThan(60);
    await page.getByRole('button', { name: 'Switch between light and dark' }).click();
    expect(await lightness()).toBeGreaterThan(200);
    await page.reload();
    await settled(page);
    expect(await lightness()).toBeGreaterThan(200);
    await close();
  });

  test('should keep its layout while the figures arrive', async () => {
    const { page, close } = await visit(browser, api.url);
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value; // the type is not in lib.dom yet
          }).observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        }),
    );
    expect(shift).toBeLessThan(0.1);
    await close();
  });

  test('should say how old its data is', async () => {
    const { page, close } = await visit(browser, api.url);
    expect(await page.locator('#age').textContent()).toMatch(/^data \d+ (s|min|h|days) old$/);
    await close();
  });

  test('should tell a newcomer what to paste, and fill by itself once data comes', async () => {
    const fresh = await startApi({ nowMs: NOON, config: { server: { otlp_http_port: 24318 } } });
    const { page, complaints, close } = await visit(browser, fresh.url);
    const settings = JSON.parse((await page.locator('.snippet code').textContent()) ?? '');
    expect(settings.env).toMatchObject({ CLAUDE_CODE_ENABLE_TELEMETRY: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:24318' });
    await fresh.append([event({ id: 'first' })]);
    // What the timer does every half minute also happens when the reader comes back to the tab.
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('[data-panel="cost-today"]').waitFor();
    expect(complaints).toEqual([]);
    await close();
    await fresh.stop();
  });

  test('should say that a selection has no data only as long as it has none', async () => {
    const fresh = await startApi({ nowMs: NOON });
    await fresh.append([event({ id: 'before', timeMs: NOON - 3 * 86_400_000 })]);
    const { page, complaints, close } = await visit(browser, `${fresh.url}/?period=today`);
    const notice = page.locator('.notice', { hasText: 'No data for this selection' });
    expect(await notice.count()).toBe(1);
    await fresh.append([event({ id: 'today', timeMs: NOON - 60_000, cost: '7' })]);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('.stat-figure', { hasText: '$7.00' }).first().waitFor();
    expect(await notice.count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
    await fresh.stop();
  });

  test('should say when the collector is gone, keep what it knew, and recover', async () => {
    const mortal = await startApi({ nowMs: NOON });
    await mortal.append([event({ id: 'first' })]);
    const { page, close } = await visit(browser, mortal.url, { isRefused: true });
    await mortal.stop();
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('button', { name: 'Today', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('The collector does not respond.');
    expect(await page.locator('[data-panel="cost-this-month"] .stat-value').textContent()).toBe('$0.01');
    const revived = await startApi({ nowMs: NOON, port: Number(new URL(mortal.url).port) });
    await revived.append([event({ id: 'second', cost: '7' })]);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-panel="cost-this-month"] .stat-value', { hasText: '$7.00' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await close();
    await revived.stop();
  });

  test('should explain an address that asks for what cannot be, and offer a way out', async () => {
    const { page, close } = await visit(browser, `${api.url}/?from=someday`, { isRefused: true });
    expect(await page.getByRole('alert').textContent()).toContain('from=someday is not a time Ledgerline can use.');
    await page.getByRole('button', { name: 'Back to this month' }).click();
    await page.locator('[data-panel="cost-today"]').waitFor();
    await close();
  });

  test('should ask for a token where one is needed, and keep it out of the address', async () => {
    const sha256 = 'f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7'; // of "hunter2"
    const guarded = await startApi({ authenticate: createAuthenticator([{ name: 'reader', sha256, role: 'read' }]), nowMs: NOON });
    await guarded.append([event({ id: 'first' })]);
    const { page, complaints, requests, close } = await visit(browser, guarded.url, { isRefused: true });
    const token = page.locator('.token-form').getByLabel('Token');
    const open = page.getByRole('button', { name: 'Open' });
    // As it comes along from a document: no header can carry it, and nothing is asked with it.
    await token.fill('hunter2\u200b');
    const before = requests.length;
    await open.click();
    expect(await token.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain('A token is one line of ASCII');
    expect(requests.length).toBe(before);
    await token.fill(' hunter2 ');
    await open.click();
    await page.locator('[data-panel="cost-today"]').waitFor();
    expect(requests.filter((address) => address.includes('hunter2'))).toEqual([]);
    // A link cannot carry the token: what it would open is fetched with it, and saved.
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'API catalogue' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('catalogue.json');
    const { body } = await guarded.get('/api/v1/catalogue', { authorization: 'Bearer hunter2' });
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(body);
    // So it is where the reader asks for a new tab, which would not have the token.
    for (const asked of [{ modifiers: ['Control' as const] }, { button: 'middle' as const }]) {
      const beside = page.waitForEvent('download');
      await page.getByRole('link', { name: 'API catalogue' }).click(asked);
      expect((await beside).suggestedFilename()).toBe('catalogue.json');
    }
    expect(page.context().pages()).toEqual([page]);
    expect(complaints).toEqual([]);
    // One that is refused meanwhile is asked for, and no longer once there is another.
    await page.route('**/api/v1/catalogue', (route) =>
      route.fulfill({ status: 401, json: { error: { message: 'The token is no longer valid.', hint: '' } } }),
    );
    await page.getByRole('link', { name: 'API catalogue' }).click();
    await token.fill('hunter2');
    await page.unroute('**/api/v1/catalogue');
    const again = page.waitForEvent('download');
    await open.click();
    expect((await again).suggestedFilename()).toBe('catalogue.json');
    expect(await page.locator('.token-form').count()).toBe(0);
    await close();
    await guarded.stop();
  });
});
