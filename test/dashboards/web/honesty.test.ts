/** What stands under a name is what the name says, and what may not hold any more says so: with a server that is slow, stops and returns. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { startSmallApi } from './fixture.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';
import { openBoard, settled, shown, spendOf, visit } from './support.ts';

describeWithBackend('chromium', 'what stands on the page', () => {
  let running: RunningBrowser;
  let browser: Browser;
  let api: TestApi;
  let proxy: SlowProxy;

  beforeAll(async () => {
    running = await launchChromium();
    browser = running.browser;
    api = await startSmallApi();
    proxy = await startSlowProxy(api.url);
  });
  afterAll(async () => {
    await proxy?.stop();
    await api?.stop();
    await running?.stop();
  });

  const title = (page: Page) => page.locator('main h1').textContent();
  const leaveFor = (page: Page, path: string) => page.locator(`.boards [data-place="${path}"]`).click();
  const figures = (page: Page) => page.locator('main .stat-figure, main .bar').count();
  const waits = (text: string) => waitFor(`a question about ${text}`, async () => proxy.waiting(text) > 0);

  test('should be gone at once when another board is asked for, under the new name', async () => {
    const { page, close } = await visit(browser, `${proxy.url}/boards/workspace`);
    proxy.hold('/boards/models');
    await leaveFor(page, '/boards/models');
    await waits('/boards/models');
    expect([await title(page), await page.title(), await figures(page)]).toEqual(['Models and tokens', 'Models and tokens · Ledgerline', 0]);
    proxy.release('/boards/models');
    await page.locator('[data-panel="cost-per-day-by-model"]').waitFor();
    expect(await title(page)).toBe('Models and tokens');
    await close();
  });

  test('should be the last board asked for, in whatever order the answers come', async () => {
    const { page, complaints, close } = await visit(browser, `${proxy.url}/boards/workspace`);
    proxy.hold('/boards/models');
    proxy.hold('/boards/trust');
    await leaveFor(page, '/boards/models');
    await waits('/boards/models');
    await leaveFor(page, '/boards/trust');
    await waits('/boards/trust');
    proxy.release('/boards/trust');
    await page.locator('[data-panel="accounts"]').waitFor();
    proxy.release('/boards/models');
    await openBoard(page, '/boards/clients');
    await page.goBack();
    await page.locator('[data-panel="accounts"]').waitFor();
    expect([await title(page), await page.locator('[data-panel="cost-per-day-by-model"]').count()]).toEqual(['Data quality', 0]);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should not be what the first address asked for, when the reader left before it was answered', async () => {
    proxy.hold('/api/v1/boards/workspace');
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${proxy.url}/boards/workspace`);
    await waits('/api/v1/boards/workspace');
    await leaveFor(page, '/boards/trust');
    await page.locator('[data-panel="accounts"]').waitFor();
    const late = page.waitForResponse((response) => response.url().includes('/api/v1/boards/workspace'));
    proxy.release('/api/v1/boards/workspace');
    await (await late).finished();
    await settled(page);
    expect([await title(page), await page.locator('[data-panel="accounts"]').count()]).toEqual(['Data quality', 1]);
    await context.close();
  });

  test('should follow back, forward and quick double clicks, each under its own name', async () => {
    const { page, complaints, close } = await visit(browser, `${proxy.url}/boards/workspace`);
    await page.locator('.boards [data-place="/boards/models"]').dblclick();
    await page.locator('[data-panel="cost-per-day-by-model"]').waitFor();
    proxy.hold('/boards/workspace');
    await page.goBack();
    await page.goBack();
    await waits('/boards/workspace');
    expect([await title(page), await figures(page)]).toEqual(['Workspace and repository', 0]);
    await page.goForward();
    await page.locator('[data-panel="cost-per-day-by-model"]').waitFor();
    proxy.release('/boards/workspace');
    await settled(page);
    expect(await title(page)).toBe('Models and tokens');
    expect(complaints).toEqual([]);
    await close();
  });

  test('should be dimmed while the same board is asked for another time range, and then be of that', async () => {
    const { page, close } = await visit(browser, `${proxy.url}/boards/workspace`);
    const filter = () => page.locator('.board').evaluate((board) => getComputedStyle(board).filter);
    expect(await filter()).toBe('none');
    proxy.hold('period=yesterday');
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('button', { name: 'Yesterday', exact: true }).click();
    await waits('period=yesterday');
    await waitFor('dimmed figures', async () => (await filter()).includes('grayscale'));
    expect(await page.locator('#range-dates').textContent()).toBe('');
    proxy.release('period=yesterday');
    await waitFor('figures of yesterday', async () => (await page.locator('.stat-figure').first().textContent()) === yesterday);
    expect(await filter()).toBe('none');
    await close();
  });
  let yesterday = '';
  beforeAll(async () => {
    yesterday = shown((await spendOf(api, '?period=yesterday')).total);
  });

  test('should say under the new name that it could not be asked for', async () => {
    const mortal = await startApi({ nowMs: NOON });
    await mortal.append([event({ id: 'first' })]);
    const { page, close } = await visit(browser, `${mortal.url}/boards/workspace`, { isRefused: true });
    await mortal.stop();
    await leaveFor(page, '/boards/models');
    await page.getByRole('alert').waitFor();
    expect([await title(page), await page.title(), await figures(page)]).toEqual(['Models and tokens', 'Models and tokens · Ledgerline', 0]);
    const revived = await startApi({ nowMs: NOON, port: Number(new URL(mortal.url).port) });
    await revived.append([event({ id: 'second', cost: '7' })]);
    // By itself: nobody presses anything.
    await page.locator('[data-panel="cost-range"] .stat-figure', { hasText: '$7.00' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await close();
    await revived.stop();
  });

  test('should stay, dimmed and with its time, while the collector is away', async () => {
    const mortal = await startApi({ nowMs: NOON });
    await mortal.append([event({ id: 'first' })]);
    const { page, close } = await visit(browser, `${mortal.url}/boards/workspace`, { isRefused: true });
    await mortal.stop();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/The collector does not respond\..*The figures below were read at \d\d:\d\d:\d\d\./);
    expect(await page.locator('main').getAttribute('class')).toContain('is-stale');
    expect(await page.locator('[data-panel="cost-range"] .stat-figure').textContent()).toBe('$0.01');
    const revived = await startApi({ nowMs: NOON, port: Number(new URL(mortal.url).port) });
    await revived.append([event({ id: 'first' })]);
    await alert.waitFor({ state: 'detached' });
    await waitFor('clear figures', async () => !(await page.locator('main').getAttribute('class'))?.includes('is-stale'));
    await close();
    await revived.stop();
  });

  test('should say that it is old when no answer has come for long, or no telemetry', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${proxy.url}/boards/workspace`);
    await settled(page);
    expect(await page.locator('#stale').count()).toBe(0);
    proxy.hold('/boards/workspace');
    await page.clock.fastForward(4 * 60_000);
    await page.locator('#stale', { hasText: /^These figures were read \d+ (s|min) ago.*has not answered since\.$/ }).waitFor();
    expect(await page.locator('main').getAttribute('class')).toContain('is-stale');
    proxy.release('/boards/workspace');
    await page.locator('#stale').waitFor({ state: 'detached' });
    await context.close();
  });

  test('should say that no telemetry came for hours, unless the time range is over', async () => {
    const quiet = await startApi({ nowMs: NOON });
    await quiet.ledger.writer.append({ entries: [event({ id: 'first' })], receivedMs: NOON - 5 * 3_600_000 });
    const { page, close } = await visit(browser, `${quiet.url}/boards/workspace`);
    await page.locator('#stale', { hasText: 'No telemetry for 5 h: what was used since then is not in these figures.' }).waitFor();
    await page.goto(`${quiet.url}/boards/workspace?period=last_month`);
    await settled(page);
    expect(await page.locator('#stale').count()).toBe(0);
    await close();
    await quiet.stop();
  });
});
