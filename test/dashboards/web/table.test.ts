import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import { instant } from '../../../dashboards/web/format.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { HOSTILE, startSmallApi, TEAMS } from './fixture.ts';
import { visit } from './support.ts';

const PANEL = '[data-panel="movers-team"]';

describeWithBackend('chromium', 'tables of the built-in boards', () => {
  let running: RunningBrowser;
  let api: TestApi;

  beforeAll(async () => {
    [running, api] = await Promise.all([launchChromium(), startSmallApi()]);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  const names = (page: Page): Promise<string[]> => page.locator(`${PANEL} tbody th`).allTextContents();
  const heading = (page: Page, name: string) => page.locator(`${PANEL} thead th`, { hasText: name }).first();

  test('should sort by any column, by pointer and by keyboard, and say so', async () => {
    const { page, complaints, close } = await visit(running.browser, api.url);
    const bySpend = TEAMS.map((team) => (team === '' ? 'unallocated' : team));
    expect(await names(page)).toEqual(bySpend);
    await heading(page, 'Team').getByRole('button').click();
    expect(await names(page)).toEqual([...bySpend].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    expect(await heading(page, 'Team').getAttribute('aria-sort')).toBe('ascending');
    // The focus is still on the heading, so that the same key turns the order round.
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual([...bySpend].sort((a, b) => b.localeCompare(a, 'en', { numeric: true })));
    expect(await heading(page, 'Team').getAttribute('aria-sort')).toBe('descending');
    await heading(page, 'Spend').getByRole('button').press('Enter');
    expect(await names(page)).toEqual(bySpend);
    expect(await page.locator(`${PANEL} [aria-sort]`).count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should keep its order when newer figures arrive', async () => {
    const { page, close } = await visit(running.browser, api.url);
    await heading(page, 'Team').getByRole('button').click();
    const sorted = await names(page);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('main[aria-busy="false"]').waitFor();
    expect(await names(page)).toEqual(sorted);
    await close();
  });

  test('should give the rows as a file that a spreadsheet opens without running anything', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/?where=team:search`);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await waitFor('every team', async () => (await names(page)).length === TEAMS.length);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`${PANEL} [aria-label^="Download as CSV"]`).click()]);
    expect(download.suggestedFilename()).toMatch(/^ledgerline-overview-movers-team_.+_Asia-Kolkata\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    const { text } = await api.get('/api/v1/boards/overview/panels/movers-team.csv');
    expect(lines).toEqual(text.trimEnd().split('\r\n'));
    expect(lines).toContainEqual(expect.stringContaining(HOSTILE.replaceAll('"', '""')));
    expect(complaints).toEqual([]);
    await close();
  });

  test('should give every digit in the table behind a drawing', async () => {
    const { page, close } = await visit(running.browser, api.url);
    await page.getByRole('button', { name: 'Exact figures as a table: Spend by team' }).click();
    const { body } = await api.get<SpendAnswer>('/api/v1/spend?period=this_month');
    const cell = await page.locator('[data-panel="cost-by-team"] tfoot td').first().textContent();
    expect(cell?.replaceAll(/[$,]/g, '')).toBe(body.total);
    await page.getByRole('button', { name: /Exact figures as a table: Spend per day by team/ }).click();
    expect(await page.locator('[data-panel="cost-per-day-by-team"] tbody tr').count()).toBeGreaterThan(0);
    await close();
  });

  test('should list all sessions of what is chosen, and lead to one and its cost', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/sessions?where=team:search&where=model:any`);
    expect(await page.locator('.board-about').textContent()).toContain('Not filtered by model');
    const { body } = await api.get<{ sessions: unknown[] }>('/api/v1/sessions?where=team:search&period=this_month&limit=500');
    expect(await page.locator('tbody tr').count()).toBe(body.sessions.length);
    await page.locator('tbody a').first().click();
    await page.locator('h1 code').waitFor();
    const id = (await page.locator('h1 code').textContent()) ?? '';
    const session = await api.get<{ cost_usd: string; team: string }>(`/api/v1/sessions/${encodeURIComponent(id)}`);
    expect(session.body.team).toBe('search');
    expect(await page.locator('.session-cost').textContent()).toBe(`$${session.body.cost_usd}`);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should show when sessions were seen in the time zone that the toolbar names, also of one session', async () => {
    for (const zone of ['Asia/Kolkata', 'America/New York']) {
      const tz = zone === 'Asia/Kolkata' ? '' : '&tz=America/New_York';
      const { page, close } = await visit(running.browser, `${api.url}/sessions?where=team:search${tz}`);
      const { body } = await api.get<{ sessions: { last_seen: string }[] }>('/api/v1/sessions?where=team:search&period=this_month&limit=1');
      const seen = instant(body.sessions[0]?.last_seen ?? '', zone.replaceAll(' ', '_'));
      expect(await page.locator('[popovertarget="menu-zone"]').textContent()).toBe(zone);
      expect(await page.locator('#range-dates').textContent()).not.toBe('');
      expect(await page.locator('tbody th').first().textContent()).toBe(seen);
      await page.locator('tbody a').first().click();
      await page.locator('h1 code').waitFor();
      expect(await page.locator('.fact', { hasText: 'Last seen' }).textContent()).toContain(`${seen}, ${zone.replaceAll(' ', '_')}`);
      await close();
    }
  });

  test('should find sessions, and list them page by page', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/sessions`);
    const listed = (query: string) =>
      api.get<{ sessions: { session_id: string }[]; next: string | null }>(`/api/v1/sessions?period=this_month&${query}`);
    const first = (await listed('limit=200')).body;
    const count = (await listed('limit=500')).body.sessions.length;
    expect(await page.locator('.table-count').textContent()).toBe(`1–200 of ${count} sessions`);
    expect(first.next).not.toBeNull();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'First page' }).waitFor();
    const second = (await listed(`limit=200&cursor=${first.next}`)).body;
    expect(await page.locator('tbody tr').count()).toBe(second.sessions.length);
    expect(await page.locator('.table-count').textContent()).toBe(`201–${count} of ${count} sessions`);
    const [one] = second.sessions;
    await page.getByRole('searchbox').fill(one?.session_id.slice(0, 12).toUpperCase() ?? '');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    expect(await page.locator('.table-count').textContent()).toBe('1 session found');
    await page.locator('tbody a').first().click();
    await page.locator('h1 code').waitFor();
    expect(await page.locator('h1 code').textContent()).toBe(one?.session_id);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should warn of what is used of a budget, and not of how much of its period has elapsed', async () => {
    const timeMs = Date.parse('2026-11-29T12:00:00Z');
    const late = await startApi({ nowMs: timeMs, config: { budgets: [{ name: 'everything', scope: {}, period: 'month', amount_usd: '100' }] } });
    await late.append([event({ id: 'first', cost: '5', timeMs: timeMs - 60_000 })]);
    const { page, close } = await visit(running.browser, `${late.url}/boards/budgets`);
    const row = page.locator('[data-panel="amounts"] tbody tr');
    expect(await row.textContent()).toMatch(/5\.0 %.*9\d %/);
    expect(await row.locator('.level').count()).toBe(0);
    await page.getByRole('button', { name: 'Exact figures as a table: Used' }).click();
    const exact = page.locator('[data-panel="budget-used-ratio-budget"] tbody tr');
    expect(await exact.textContent()).toMatch(/5\.00 %.*9\d/);
    expect(await exact.locator('.level').count()).toBe(0);
    await close();
    await late.stop();
  });
});
