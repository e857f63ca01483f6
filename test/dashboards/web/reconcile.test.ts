/** What the provider bills, below the board Reconciliation in a real Chromium; what plans cover, on Overview. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { requestIdKey } from '../../../collector/ledger/stand-ins.ts';
import { readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { ENTRIES, LINES, NOVEMBER_14, OCTOBER_5 } from '../../query/reconcile/month.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { usd } from '../../support/entries.ts';
import { bring } from '../../support/statements.ts';
import { openBoard, visit } from './support.ts';

describeWithBackend('chromium', 'the bill', () => {
  let api: TestApi;
  let running: RunningBrowser;
  let file = '';
  beforeAll(async () => {
    running = await launchChromium();
    const plans = [{ plan: 'team', seat: 'premium', seats: 2, monthly_usd: '100.00' }];
    api = await startApi({ nowMs: NOVEMBER_14, config: { plans }, statements: () => readStatements(file) });
    file = join(dirname(api.ledger.file), 'statements.sqlite');
    await api.append(ENTRIES);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  const cells = (texts: readonly string[], columns: number): readonly (readonly string[])[] =>
    Array.from({ length: Math.ceil(texts.length / columns) }, (_, row) => texts.slice(row * columns, (row + 1) * columns));

  test('without a statement it says which import brings it, and shows no figure of it', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/reconciliation?period=2026-10`);
    const section = page.locator('section.reconciled');
    await section.waitFor();
    expect(await section.locator('p').first().textContent()).toContain('reported $15.40, list $14.00, billed not known.');
    expect(await section.textContent()).toContain('Run ledgerline import anthropic-analytics.');
    expect(await section.locator('.waterfall-row').last().textContent()).toBe('Billednot known');
    expect(complaints).toEqual([]);
    await close();
  });

  test('the waterfall leads from reported to billed, and the tables say where and who', async () => {
    await bring(file, 'anthropic-analytics', LINES);
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/reconciliation?period=2026-10`);
    const section = page.locator('section.reconciled');
    await section.waitFor();
    expect(await section.locator('p').first().textContent()).toContain('billed $14.66. Every difference has a cause.');
    const rows = await section.locator('.waterfall-row').all();
    const shown = await Promise.all(
      rows.map(async (row) => [await row.locator('.waterfall-name').textContent(), await row.locator('.waterfall-amount').textContent()]),
    );
    expect(shown).toEqual([
      ['Reported by clients', '$15.40'],
      ['Reported by metrics alone', '-$0.80'],
      ['Price of another day', '-$0.60'],
      ['At list price', '$14.00'],
      ['Covered by plans', '-$2.00'],
      ['Requests that metrics alone reported', '+$0.80'],
      ['Missing telemetry', '+$1.00'],
      ['Discount', '-$0.69'],
      ['Web search and other tools', '+$0.30'],
      ['Other products', '+$1.25'],
      ['Remainder', '$0.00'],
      ['Billed', '$14.66'],
    ]);
    const table = async (id: string) =>
      cells(
        await section.locator(`[data-panel="reconciled-${id}"] tbody td, [data-panel="reconciled-${id}"] tbody th`).allTextContents(),
        id === 'places' || id === 'users' ? 6 : 7,
      );
    expect((await table('places')).map(([workspace, model, , , billed]) => [workspace, model, billed])).toContainEqual([
      'api',
      'claude-opus-5-5',
      '$13.11',
    ]);
    expect((await table('users'))[0]).toEqual(['dora@example.com', '$1.00', '$0.00', '0 %', '0 %', '0']);
    expect((await table('plans'))[0]?.slice(0, 4)).toEqual(['team', 'premium', '$200.00', '$2.00']);
    expect(await section.locator('[data-panel="reconciled-imports"]').textContent()).toContain('anthropic-analytics');
    expect(complaints).toEqual([]);
    await close();
  });

  test('what the API counted stands there once it exports its spans', async () => {
    const visited = await visit(running.browser, `${api.url}/boards/reconciliation?period=2026-10`);
    await visited.page.locator('section.reconciled').waitFor();
    expect(await visited.page.locator('[data-panel="reconciled-counted"]').count()).toBe(0);
    await visited.close();
    const tokens = { input: 1, output: 2, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
    const span = { timeMs: OCTOBER_5, organization: 'org', workspace: 'wrkspc_9', model: 'claude-opus-5-5', tokens, listCost: usd('0.75') };
    await api.ledger.writer.appendApiRequests([{ request: requestIdKey('nobody reported it'), ...span }]);
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/reconciliation?period=2026-10`);
    const card = page.locator('[data-panel="reconciled-counted"]');
    await card.waitFor();
    expect(await card.locator('p').textContent()).toBe(
      'Clients reported 0 % of 1 requests of which the API exports a span; 1 requests for $0.75 at list price were never reported.',
    );
    expect(await card.locator('tbody td, tbody th').allTextContents()).toEqual(['wrkspc_9', 'claude-opus-5-5', '1', '0', '$0.75', '$0.75']);
    expect(complaints).toEqual([]);
    await close();
  });

  test('why it is missing stands in its place, and it comes once it can be had', async () => {
    const long = await visit(running.browser, `${api.url}/boards/reconciliation?from=2025-01-01&to=2026-11-01`, { isRefused: true });
    await long.page.locator('section.reconciled').waitFor();
    expect(await long.page.locator('section.reconciled p').textContent()).toBe(
      'from=2025-01-01 is more than 400 days before the end. Ask for at most 400 days.',
    );
    expect(long.complaints).toEqual([]);
    await long.close();
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/trust?period=2026-10`, { isRefused: true });
    await page.route('**/api/v1/plans?*', (route) => route.abort(), { times: 1 });
    await openBoard(page, '/boards/reconciliation');
    const section = page.locator('section.reconciled');
    await section.waitFor();
    expect(await section.locator('p').textContent()).toContain('The collector does not respond.');
    // What the timer does every half minute also happens when the reader comes back to the tab; the board itself is as it was.
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await section.locator('.waterfall-row').first().waitFor();
    expect(await page.locator('section.reconciled').count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  test('Overview says what of its spend is notional, and of one team nothing', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/?period=2026-10`);
    await page.locator('p.covered').waitFor();
    expect(await page.locator('p.covered').textContent()).toBe(
      '$2.00 of the spend is notional: plans cover it, and their seats are paid for. Seats and their value',
    );
    await page.locator('p.covered a').click();
    await page.locator('section.reconciled').waitFor();
    expect(new URL(page.url()).search).toBe('?period=2026-10');
    expect(complaints).toEqual([]);
    await close();
  });
});
