import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { BoardAnswer } from '../../../collector/query/boards/answer.ts';
import type { PanelData } from '../../../collector/query/boards/panel-data.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import type { TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { startDemoApi } from './fixture.ts';
import { openBoard, settled, visit } from './support.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATHS = [...BOARDS.map(({ id }) => (id === 'overview' ? '/' : `/boards/${id}`)), '/sessions'];

interface Found {
  readonly id: string;
  readonly impact: string | null | undefined;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds serious or critical, as "rule: the first element". The cast names what the script that we put in answers. */
async function seriousFaults(page: Page, options: object = {}): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const given = JSON.stringify({ resultTypes: ['violations'], ...options });
  const found = (await page.evaluate(`axe.run(document, ${given}).then(({ violations }) => violations)`)) as readonly Found[];
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** How many marks of its kind the panel's drawing has to have; words where it has nothing to draw, but a zero that is one. */
function drawnAs(
  { stat, bars, series, table, heatmap, cumulative, budgets }: PanelData,
  empty: string | undefined,
): { readonly selector: string; readonly count: number } {
  const words = { selector: '.nothing', count: 1 };
  if (stat !== undefined) return stat.value === null && empty !== '0' ? words : { selector: '.stat-value', count: 1 };
  if (table !== undefined && table.rows.length > 0) return { selector: 'tbody tr', count: table.rows.length };
  if (heatmap !== undefined && heatmap.rows.length > 0) return { selector: 'tbody td', count: heatmap.rows.length * heatmap.columns.length };
  if (series !== undefined && series.series.length > 0) return { selector: '.plot canvas', count: 1 };
  if (cumulative !== undefined) return { selector: '.plot canvas', count: 1 };
  if (budgets !== undefined && budgets.bars.length > 0) return { selector: '.budget-bar', count: budgets.bars.length };
  return bars !== undefined && bars.rows.length > 0 ? { selector: '.bar', count: bars.rows.length } : words;
}

describeWithBackend('chromium', 'the built-in boards', () => {
  let running: RunningBrowser;
  let api: TestApi;

  beforeAll(async () => {
    [running, api] = await Promise.all([launchChromium(), startDemoApi()]);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  test('should all stand in the navigation', async () => {
    const { page, close } = await visit(running.browser, api.url);
    const paths = await page.locator('.boards a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect([...paths].sort()).toEqual([...PATHS, '/docs/api'].sort());
    await close();
  });

  test('should lead on to the reference of the API', async () => {
    const { page, close } = await visit(running.browser, api.url);
    await page.locator('.boards a', { hasText: 'REST API' }).click();
    await page.locator('article#spend').waitFor();
    expect(page.url()).toBe(`${api.url}/docs/api`);
    await close();
  });

  test.each(BOARDS.map(({ id }) => id))('should draw every panel of %s, without a complaint and without asking anyone else', async (id) => {
    const { page, complaints, requests, close } = await visit(running.browser, `${api.url}${id === 'overview' ? '/' : `/boards/${id}`}`);
    const { body } = await api.get<BoardAnswer>(`/api/v1/boards/${id}`);
    for (const panel of body.board.rows.flatMap(({ panels }) => panels)) {
      const card = page.locator(`[data-panel="${panel.id}"]`);
      const data = body.panels[panel.id];
      expect(await card.locator('h3').textContent()).toBe(data?.title ?? panel.title);
      if (panel.visualization === 'text' || data === undefined) continue;
      for (const expander of await card.locator('[aria-expanded="false"]').all()) await expander.click();
      const { selector, count } = drawnAs(data, panel.empty);
      if (selector === '.plot canvas') await card.locator(selector).waitFor();
      expect({ panel: panel.id, selector, count: await card.locator(selector).count() }).toEqual({ panel: panel.id, selector, count });
    }
    expect(requests.filter((address) => !address.startsWith(`${api.url}/`))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  test.each(['light', 'dark'] as const)('should give axe nothing serious to find, in the %s', async (colorScheme) => {
    const { page, complaints, close } = await visit(running.browser, api.url, { colorScheme });
    const faults: Record<string, readonly string[]> = {};
    for (const path of PATHS) {
      await openBoard(page, path);
      // The dark page differs by its colors only.
      const found = await seriousFaults(page, colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {});
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
    expect(complaints).toEqual([]);
    await close();
  });

  test('should let axe find nothing serious in what opens: the time range, a filter, a description, exact figures', async () => {
    const { page, close } = await visit(running.browser, api.url);
    for (const name of [/^Time range/, 'Team']) {
      await page.getByRole('button', { name }).first().click();
      await page.locator('.menu:popover-open input').last().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page
      .getByRole('button', { name: /^About/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^Exact figures/ })
      .first()
      .click();
    expect(await seriousFaults(page)).toEqual([]);
    await close();
  });

  test('should be readable on a phone: nothing runs out of the screen, and the menu leads to every board', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const { page, close } = await visit(running.browser, api.url, phone);
    for (const path of PATHS) {
      await page.getByRole('button', { name: 'Boards', exact: true }).click();
      await openBoard(page, path);
      const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect({ path, content }).toEqual({ path, content: screen });
    }
    await close();
  });

  test('should fit a window of 1280 pixels on every board', async () => {
    const { page, close } = await visit(running.browser, api.url);
    for (const path of PATHS) {
      await openBoard(page, path);
      const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      expect({ path, content }).toEqual({ path, content: width });
    }
    await close();
  });

  test('should lead from a team to a person to a session, each narrowed to what was chosen', async () => {
    const { page, complaints, close } = await visit(running.browser, api.url);
    const follow = async (panel: string, selector: string): Promise<string> => {
      const link = page.locator(`[data-panel="${panel}"] ${selector}`).first();
      const before = page.url();
      const name = (await link.locator('.bar-label').count()) > 0 ? await link.locator('.bar-label').textContent() : await link.textContent();
      await link.click();
      await page.waitForURL((address) => address.href !== before);
      await settled(page);
      return name ?? '';
    };
    const chosenTeam = await follow('cost-by-team', 'a.bar:not(.is-absent)');
    expect(await page.locator('h1').textContent()).toBe('Team');
    expect(new URL(page.url()).searchParams.getAll('where')).toEqual([`team:${chosenTeam}`]);
    const chosenPerson = await follow('cost-by-user', 'a.bar:not(.is-absent)');
    expect(await page.locator('h1').textContent()).toBe('Developer');
    expect(new URL(page.url()).searchParams.getAll('where')).toEqual([`team:${chosenTeam}`, `user:${chosenPerson}`]);
    await page.locator('.is-table tbody a').first().click();
    await page.locator('h1 code').waitFor();
    const id = (await page.locator('h1 code').textContent()) ?? '';
    const { body } = await api.get<{ cost_usd: string; user: string }>(`/api/v1/sessions/${encodeURIComponent(id)}`);
    expect(body.user).toBe(chosenPerson);
    expect(await page.locator('.session-cost').textContent()).toBe(`$${body.cost_usd}`);
    expect(complaints).toEqual([]);
    await close();
  });
});
