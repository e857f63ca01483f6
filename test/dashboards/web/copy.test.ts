/** The settings for clients are copied wherever the page comes from. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { NOON } from '../../support/entries.ts';
import { visit } from './support.ts';

const ELSEWHERE = 'http://ledgerline.example';
/** Two headers are for secure pages alone, and the browser says that it passes them over. */
const withoutHeaders = (complaints: readonly string[]): readonly string[] =>
  complaints.filter((text) => !/(Opener-Policy|Agent-Cluster) header/.test(text));

describeWithBackend('chromium', 'the settings for clients', () => {
  let running: RunningBrowser;
  let api: TestApi;
  beforeAll(async () => {
    running = await launchChromium();
    api = await startApi({ nowMs: NOON });
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  /** The same collector by a name of the network, over plain HTTP: what browsers do not take for secure. */
  async function openElsewhere(page: Page): Promise<string> {
    await page.route(`${ELSEWHERE}/**`, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: `${api.url}${pathname}${search}` }) });
    });
    await page.goto(`${ELSEWHERE}/`);
    const settings = (await page.locator('.snippet code').textContent()) ?? '';
    expect(settings).toContain('http://ledgerline.example:');
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    return settings;
  }

  test('are copied from a page of this machine', async () => {
    const { page, complaints, close } = await visit(running.browser, api.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await page.locator('.snippet code').textContent());
    expect(complaints).toEqual([]);
    await close();
  });

  test('are copied from a page that came over plain HTTP from another machine', async () => {
    const { page, complaints, close } = await visit(running.browser, api.url, { permissions: ['clipboard-read'] });
    const settings = await openElsewhere(page);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await page.goto(api.url);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(settings);
    expect(withoutHeaders(complaints)).toEqual([]);
    await close();
  });

  test('are selected, to be copied by hand, where the browser does not copy', async () => {
    const { page, complaints, close } = await visit(running.browser, api.url);
    const settings = await openElsewhere(page);
    await page.evaluate(() => Object.assign(document, { execCommand: () => false }));
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Selected: press Ctrl+C' }).waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toBe(settings);
    expect(withoutHeaders(complaints)).toEqual([]);
    await close();
  });
});
