/** What the reader did stays when the page asks again by itself: order, what was opened, the focus, and why nothing is there. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { RefusalTotal } from '../../../collector/catalog/refusals.ts';
import { readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { startApi } from '../../api/support.ts';
import { ENTRIES, LINES, NOVEMBER_14 } from '../../query/reconcile/month.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { bring } from '../../support/statements.ts';
import { visit } from './support.ts';

const REFUSED: RefusalTotal = {
  ...{ kind: 'token_missing', detail: '', count: 15, firstMs: NOON - 3_600_000, lastMs: NOON - 20_000 },
  ...{ senders: [{ address: '10.0.0.7', count: 15, lastMs: NOON - 20_000 }], hasMoreSenders: false },
};

/** What the timer does every half minute also happens when the reader comes back to the tab. */
const refresh = async (page: Page): Promise<void> => {
  const answered = page.waitForResponse((response) => response.url().includes('/api/v1/boards/'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await answered;
  await page.locator('main[aria-busy="false"]').waitFor();
};

/** Removed when the part of the page around it is drawn anew. */
const mark = (place: Locator): Promise<void> => place.evaluate((node) => node.setAttribute('data-before', ''));
const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.textContent ?? undefined);

describeWithBackend('chromium', 'a refresh', () => {
  let running: RunningBrowser;
  beforeAll(async () => {
    running = await launchChromium();
  });
  afterAll(() => running?.stop());

  test('keeps the order of the tables of a reconciliation, its hidden lines and the focus', async () => {
    let file = '';
    const api = await startApi({ nowMs: NOVEMBER_14, statements: () => readStatements(file) });
    file = join(dirname(api.ledger.file), 'statements.sqlite');
    await api.append(ENTRIES);
    await bring(file, 'anthropic-analytics', LINES);
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/reconciliation?period=2026-10`);
    const section = page.locator('section.reconciled');
    const heading = section.locator('[data-panel="reconciled-places"] th', { hasText: 'Billed' });
    await section.locator('.legend-item', { hasText: 'List' }).click();
    await heading.locator('button').click();
    await heading.locator('button').click();
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    await mark(section);
    const { timeMs } = ENTRIES[0] ?? { timeMs: 0 };
    await api.append([event({ id: 'later', sessionId: 'later', timeMs, cost: '3' })]);
    await refresh(page);
    await page.locator('section.reconciled:not([data-before])').waitFor();
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    expect(await section.locator('.legend-item', { hasText: 'List' }).getAttribute('aria-pressed')).toBe('false');
    expect(await focused(page)).toBe('Billed');
    expect(complaints).toEqual([]);
    await close();
    await api.stop();
  });

  test('keeps findings and explanations open that were opened, and the focus on links', async () => {
    const api = await startApi({ nowMs: NOON, refusals: async () => [REFUSED] });
    await api.append([event({ id: 'first', timeMs: NOON - 60_000 })]);
    const { page, complaints, close } = await visit(running.browser, api.url);
    const findings = page.locator('details.findings');
    const next = async (id: string): Promise<void> => {
      await mark(page.locator('.coverage'));
      await api.append([event({ id, sessionId: id, timeMs: NOON - 60_000, cost: '7' })]);
      await refresh(page);
      await page.locator('.coverage:not([data-before])').waitFor();
    };
    expect(await findings.getAttribute('open')).toBeNull();
    await findings.locator('summary').click();
    await next('second');
    expect(await findings.getAttribute('open')).not.toBeNull();
    expect(await focused(page)).toContain('about data quality');
    await findings.locator('summary').click();
    await page.getByRole('link', { name: 'Collector status' }).focus();
    await next('third');
    expect(await findings.getAttribute('open')).toBeNull();
    expect(await focused(page)).toBe('Collector status');
    await page.locator('[data-panel="cost-today"] [popovertarget]').click();
    await next('fourth');
    expect(await page.locator('[data-panel="cost-today"] .about:popover-open').count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
    await api.stop();
  });

  test('keeps the order of the models of a session', async () => {
    const api = await startApi({ nowMs: NOON });
    const spent = (id: string, model: string, cost: string) => event({ id, sessionId: 'one', model, cost, timeMs: NOON - 60_000 });
    await api.append([spent('first', 'claude-opus-4-6', '2'), spent('second', 'claude-sonnet-4-6', '1')]);
    const { page, complaints, close } = await visit(running.browser, `${api.url}/sessions/one`);
    const heading = page.locator('main th', { hasText: 'Input' });
    await heading.locator('button').click();
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    await api.append([spent('third', 'claude-sonnet-4-6', '7')]);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('.session-cost', { hasText: '10' }).waitFor();
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    expect(complaints).toEqual([]);
    await close();
    await api.stop();
  });

  test('keeps a wide table where it was scrolled to', async () => {
    const api = await startApi({ nowMs: NOON });
    const spent = (id: string, cost: string) => event({ id, sessionId: 'one', cost, timeMs: NOON - 60_000 });
    await api.append([spent('first', '2')]);
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/models`, { viewport: { width: 360, height: 800 } });
    const frame = page
      .locator('[data-panel] .table-scroll')
      .filter({ has: page.locator('tbody tr') })
      .first();
    const left = () => frame.evaluate(({ scrollLeft }) => scrollLeft);
    await frame.evaluate((node) => {
      node.scrollLeft = 40;
    });
    expect(await left()).toBe(40);
    await mark(frame);
    await api.append([spent('second', '7')]);
    await refresh(page);
    expect(await frame.getAttribute('data-before')).toBeNull();
    expect(await left()).toBe(40);
    expect(complaints).toEqual([]);
    await close();
    await api.stop();
  });

  test('keeps saying why nothing is there', async () => {
    const api = await startApi({ nowMs: NOON, refusals: async () => [REFUSED] });
    const { page, complaints, close } = await visit(running.browser, api.url);
    const reason = page.locator('.welcome [role="alert"]');
    expect(await reason.textContent()).toContain('15 exports had no bearer token');
    await refresh(page);
    await refresh(page);
    expect(await reason.textContent()).toContain('15 exports had no bearer token');
    expect(complaints).toEqual([]);
    await close();
    await api.stop();
  });
});
