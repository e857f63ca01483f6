/** The page over an organization of thousands: every row can be found, sorted, read and taken along. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { displayUsd, parseUsd } from '../../../collector/core/money.ts';
import type { PanelAnswer } from '../../../collector/query/boards/answer.ts';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { visit } from './support.ts';

const USERS = 2_000;
const TEAMS = 166;
const SESSIONS = 1_100;
const PEOPLE = '[data-panel="people"]';

/** Costs that differ, and not in the order of the names. */
const costOf = (user: number): string => `${((user * 7_919) % USERS) + 1}.000${user % 10}`;

async function startLargeApi(users = USERS): Promise<TestApi> {
  const api = await startApi({ nowMs: NOON });
  const entries = Array.from({ length: users }, (_, user) =>
    event({
      ...{ id: `${user}`, sessionId: `session-${user % SESSIONS}`, timeMs: NOON - 60_000 - (user % 15) * 3_600_000, cost: costOf(user) },
      ...{ user: `user-${user}@example.com`, team: `a team with a rather long name ${user % TEAMS}` },
      amounts: { requests: 1, input_tokens: 10 },
    }),
  );
  await api.append(entries);
  return api;
}

describeWithBackend('chromium', 'the built-in page for 2,000 users in 166 teams', () => {
  let running: RunningBrowser;
  let api: TestApi;

  beforeAll(async () => {
    [running, api] = await Promise.all([launchChromium(), startLargeApi()]);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  const users = (page: Page): Promise<string[]> => page.locator(`${PEOPLE} tbody td.is-label`).allTextContents();
  const shows = (page: Page, text: string): Promise<unknown> => page.locator(`${PEOPLE} .table-count`, { hasText: text }).waitFor();
  const answered = (page: Page): Promise<unknown> => page.locator(`${PEOPLE} .paged-table[aria-busy="false"]`).waitFor();
  const panel = async (query: string): Promise<string[]> => {
    const { data } = (await api.get<PanelAnswer>(`/api/v1/boards/team/panels/people?${query}`)).body;
    return (data.table?.rows ?? []).map(({ cells }) => String(cells[1]));
  };

  test('should say how many there are, and page through them by keyboard', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/team`);
    await shows(page, `1–25 of ${USERS.toLocaleString('en')} rows`);
    const all = await panel('rows=all');
    expect(all).toHaveLength(USERS);
    expect(await users(page)).toEqual(all.slice(0, 25));
    await page.locator(PEOPLE).getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    await shows(page, '26–50 of');
    expect(await users(page)).toEqual(all.slice(25, 50));
    // The focus is still on the button.
    await page.keyboard.press('Enter');
    await shows(page, '51–75 of');
    await page.locator(PEOPLE).getByRole('button', { name: 'Previous' }).click();
    await shows(page, '26–50 of');
    await page.locator(PEOPLE).getByRole('combobox').selectOption('100');
    await shows(page, '1–100 of');
    expect(await users(page)).toEqual(all.slice(0, 100));
    expect(complaints).toEqual([]);
    await close();
  });

  test('should go on by one page where a page is asked for twice before it comes', async () => {
    const { page, close } = await visit(running.browser, `${api.url}/boards/team`);
    const next = page.locator(PEOPLE).getByRole('button', { name: 'Next' });
    await next.click();
    await shows(page, '26–50 of');
    await next.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await shows(page, '51–75 of');
    await answered(page);
    await page.locator(PEOPLE).getByRole('button', { name: 'Previous' }).click();
    await shows(page, '26–50 of');
    await close();
  });

  test('should sort all rows, not those that are shown, and find some', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/team`);
    await page.locator(`${PEOPLE} thead`).getByRole('button', { name: 'Spend' }).click();
    await page.locator(`${PEOPLE} [aria-sort="descending"]`).waitFor();
    await answered(page);
    await page.locator(`${PEOPLE} thead`).getByRole('button', { name: 'Spend' }).click();
    await page.locator(`${PEOPLE} [aria-sort="ascending"]`).waitFor();
    await answered(page);
    expect(await users(page)).toEqual((await panel('rows=all')).toReversed().slice(0, 25));
    await page.locator(PEOPLE).getByRole('searchbox').fill('USER-199');
    const found = (await api.get<PanelAnswer>('/api/v1/boards/team/panels/people?search=USER-199')).body.data.table;
    const sum = (found?.rows ?? []).reduce((before, { cells }) => before + (parseUsd(String(cells[2])) ?? 0n), 0n);
    await shows(page, `11 of ${USERS.toLocaleString('en')} rows, ${displayUsd(sum)} of ${displayUsd(parseUsd(String(found?.totals[2])) ?? -1n)}`);
    const foot = page.locator(`${PEOPLE} tfoot tr`);
    expect(await foot.locator('th').allTextContents()).toEqual(['Found', 'Total']);
    expect(await foot.first().locator('td').nth(1).textContent()).toBe(displayUsd(sum));
    expect((await users(page)).toSorted()).toEqual(
      ['user-199', ...Array.from({ length: 10 }, (_, digit) => `user-199${digit}`)].map((name) => `${name}@example.com`).toSorted(),
    );
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.locator(PEOPLE).getByRole('searchbox').fill('nobody is called so');
    await page.locator(PEOPLE).getByText('No row has').waitFor();
    await page.locator(PEOPLE).getByRole('searchbox').fill('');
    await shows(page, '1–25 of');
    expect(complaints).toEqual([]);
    await close();
  });

  test('should give every row as a file, with the total of the ledger', async () => {
    const { page, close } = await visit(running.browser, `${api.url}/boards/team?period=this_month`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`${PEOPLE} [aria-label^="Download as CSV"]`).click()]);
    expect(download.suggestedFilename()).toMatch(/^ledgerline-team-people_\d{4}-\d\d-01_to_.+_UTC\.csv$/);
    const [head = '', ...lines] = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    expect(head.split(',').slice(0, 3)).toEqual(['Team', 'User', 'Spend (usd)']);
    expect(lines).toHaveLength(USERS);
    const sum = lines.reduce((before, line) => before + (parseUsd(line.split(',')[2] ?? '') ?? 0n), 0n);
    const { total } = (await api.get<SpendAnswer>('/api/v1/spend?period=this_month')).body;
    expect(sum).toBe(parseUsd(String(total)));
    await close();
  });

  test('should scale bars to those with a name, and lead from the others to the table of all', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/team`);
    const card = page.locator('[data-panel="cost-by-user"]');
    const widths = await card
      .locator('.bar:not(.is-rest)')
      .evaluateAll((bars) => bars.map((bar) => getComputedStyle(bar).getPropertyValue('--bar-width')));
    expect(widths[0]).toBe('100.00%');
    const rest = card.locator('.bar.is-rest');
    expect(await rest.textContent()).toContain(`other: ${(USERS - 15).toLocaleString('en')} users`);
    await rest.click();
    await card.locator('.table-count', { hasText: `1–25 of ${USERS.toLocaleString('en')} users` }).waitFor();
    await card.getByRole('button', { name: /^Exact figures as a table/ }).click();
    await card.locator('.bar').first().waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('should draw those with a name to their own scale, and the many others when the reader wants them', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/team`);
    const rest = page.locator('[data-panel="cost-per-day-by-user"] .legend-item', { hasText: 'other:' });
    expect(await rest.textContent()).toContain('99 %, not drawn');
    expect(await rest.getAttribute('aria-pressed')).toBe('false');
    await rest.click();
    expect(await rest.textContent()).not.toContain('not drawn');
    expect(await rest.getAttribute('aria-pressed')).toBe('true');
    expect(complaints).toEqual([]);
    await close();
  });

  test('should keep in sight what a row is about, when a table is moved sideways', async () => {
    const { page, close } = await visit(running.browser, `${api.url}/boards/team`, { viewport: { width: 390, height: 844 } });
    const table = page.locator(`${PEOPLE} .table-scroll`);
    const left = (): Promise<number> =>
      table
        .locator('tbody th')
        .first()
        .evaluate((name) => name.getBoundingClientRect().left);
    const before = await left();
    // And what is before the @ of its users whole.
    const heads = page.locator('[data-panel="tokens-by-person"] .name-head');
    expect(await heads.count()).toBeGreaterThan(0);
    expect(await heads.evaluateAll((parts) => parts.some((part) => part.scrollWidth > part.clientWidth))).toBe(false);
    await table.evaluate((node) => node.scrollBy(120, 0));
    expect(await table.evaluate((node) => node.scrollLeft)).toBeGreaterThan(0);
    expect(await left()).toBe(before);
    await close();
  });

  test.each([1440, 390])('should set single figures beside each other on one line, %i pixels wide', async (width) => {
    const { page, close } = await visit(running.browser, `${api.url}/boards/models`, { viewport: { width, height: 844 } });
    const tops = await page
      .locator('.grid')
      .first()
      .locator('.stat-value')
      .evaluateAll((figures) => figures.map((figure) => Math.round(figure.getBoundingClientRect().top)));
    expect(tops).toHaveLength(5);
    expect(new Set(tops).size).toBe(width > 720 ? 1 : 3);
    await close();
  });

  const menu = (page: Page) => page.locator('.menu:popover-open');
  const noted = (page: Page, text: string): Promise<unknown> => menu(page).locator('.menu-note', { hasText: text }).waitFor();
  const focused = (page: Page): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.closest('.choice')?.textContent ?? undefined);

  test.each([USERS, 10_000])('should find any of %i users in the menu of its filter, page by page and by keyboard', async (count) => {
    const own = count === USERS ? api : await startLargeApi(count);
    const { rows } = (await api.get<SpendAnswer>('/api/v1/spend?by=user&period=this_month&limit=51')).body;
    const { page, complaints, requests, close } = await visit(running.browser, `${own.url}/sessions?where=user:user-7@example.com`);
    await page.locator('button[popovertarget="menu-user"]').focus();
    await page.keyboard.press('Enter');
    await noted(page, `1–51 of ${count.toLocaleString('en')} users`);
    // The one that is chosen stands first, and has its amount.
    const [first = '', second = ''] = await menu(page).locator('.choice').allTextContents();
    expect([first, second]).toEqual([
      expect.stringMatching(/^user-7@example\.com\$\d/),
      expect.stringContaining(count === USERS ? String(rows[0]?.user) : ''),
    ]);
    for (const address of requests.filter((one) => one.includes('by=user'))) expect(address).toMatch(/limit=50|where=user/);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(first);
    await page.keyboard.press('ArrowUp');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await menu(page).getByRole('button', { name: 'Show more' }).focus();
    await page.keyboard.press('Enter');
    await noted(page, `1–101 of ${count.toLocaleString('en')} users`);
    await page.waitForFunction(() => document.activeElement?.closest('.choice') !== null);
    expect(await focused(page)).toBe((await menu(page).locator('.choice').allTextContents())[51]);
    await menu(page).getByRole('searchbox').fill('USER-1999');
    await noted(page, '1 user found');
    await menu(page).getByRole('searchbox').press('ArrowDown');
    expect(await focused(page)).toContain('user-1999@example.com');
    await page.keyboard.press('Space');
    await page.waitForURL((address) => address.searchParams.getAll('where').join() === 'user:user-7@example.com,user:user-1999@example.com');
    await menu(page).getByRole('searchbox').fill('nobody is called so');
    await noted(page, 'No value contains this text.');
    // The browser empties a search first.
    await menu(page).getByRole('searchbox').fill('');
    await page.keyboard.press('Escape');
    await menu(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('popovertarget'))).toBe('menu-user');
    expect(complaints).toEqual([]);
    await close();
    if (own !== api) await own.stop();
  });

  test.each([1280, 390])('should show every amount whole at %i px, without scrolling sideways', async (width) => {
    for (const path of ['/', '/sessions', ...BOARDS.map(({ id }) => `/boards/${id}`)]) {
      const { page, close } = await visit(running.browser, `${api.url}${path}`, { viewport: { width, height: 844 } });
      const cut = await page.evaluate(() => {
        const isCut = (node: Element): boolean => node.scrollWidth > node.clientWidth + 1;
        const amounts = [...document.querySelectorAll('.bar-value, .stat-figure')].filter(isCut).map((node) => node.textContent);
        // In the part of a table that is in sight stand its name and its first amount.
        const tables = [...document.querySelectorAll('.table-scroll')].flatMap((table) => {
          const right = table.getBoundingClientRect().right;
          const first = [...(table.querySelector('tbody tr')?.children ?? [])].find((cell) => cell.matches('td.has-bar'));
          return first !== undefined && first.getBoundingClientRect().right > right + 1 ? [first.textContent] : [];
        });
        return { amounts, tables, isWide: document.documentElement.scrollWidth > innerWidth };
      });
      expect({ path, ...cut }).toEqual({ path, amounts: [], tables: [], isWide: false });
      await close();
    }
  });

  test('should list sessions in the order of the ledger, and give all of them as a file', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/sessions`);
    await page.locator('thead').getByRole('button', { name: 'Cost' }).click();
    await page.waitForURL(/order=cost/);
    await page.locator('[aria-sort="descending"]', { hasText: 'Cost' }).waitFor();
    const [most] = (await api.get<{ sessions: { session_id: string }[] }>('/api/v1/sessions?period=this_month&order=cost&limit=1')).body.sessions;
    await page.locator('tbody tr').first().locator(`a[href*="${most?.session_id}"]`).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download all as CSV' }).click()]);
    const [head = '', ...lines] = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(SESSIONS);
    const cost = head.split(',').indexOf('cost_usd');
    const sum = lines.reduce((before, line) => before + (parseUsd(line.split(',')[cost] ?? '') ?? 0n), 0n);
    expect(sum).toBe(parseUsd(String((await api.get<SpendAnswer>('/api/v1/spend?period=this_month')).body.total)));
    expect(complaints).toEqual([]);
    await close();
  });
});
