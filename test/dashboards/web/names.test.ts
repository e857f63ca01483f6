/** Long names: distinguishable where they are cut, whole where they are pointed at or reached with the keyboard, never changed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tailOf } from '../../../dashboards/web/names.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { visit } from './support.ts';

const LONG = 'platform-engineering/developer-experience/continuous-integration-and-delivery';
const USERS = ['ann@department-of-engineering.example.com', 'ben@department-of-engineering.example.com'];
const TEAMS = [`${LONG}-north`, `${LONG}-south`, 'web'];

test('a name is cut between characters, and not within one of two units', () => {
  for (const [name, tail] of [
    ['a-team-of-platforms-north', 'ms-north'],
    ['the-team-of-the-🚀-rocket', '-rocket'],
    ['the-team-of-the-🚀rockets', '🚀rockets'],
    ['🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀', '🚀🚀🚀🚀'],
  ] as const) {
    const at = tailOf(name);
    expect([name.slice(0, at), name.slice(at)].map((part) => part.isWellFormed())).toEqual([true, true]);
    expect(name.slice(at)).toContain(tail);
  }
});

describeWithBackend('chromium', 'long names', () => {
  let running: RunningBrowser;
  let api: TestApi;

  beforeAll(async () => {
    [running, api] = await Promise.all([launchChromium(), startApi({ nowMs: NOON })]);
    await api.append(TEAMS.map((team, index) => event({ id: team, team, user: USERS[index] ?? '', cost: `${9 - index}` })));
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  test('should keep both their ends where they are cut, and be whole with the pointer and with the keyboard', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/workspace`);
    const bars = page.locator('[data-panel="cost-by-team"] a.bar');
    expect(await bars.locator('.bar-label').allTextContents()).toEqual(TEAMS);
    expect(await bars.locator('.name-tail').allTextContents()).toEqual(['ry-north', 'ry-south']);
    const bubble = page.locator('#full-name');
    for (const [index, name] of TEAMS.slice(0, 2).entries()) {
      await bars.nth(index).focus();
      expect(await bubble.textContent()).toBe(name);
      expect(await bubble.isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await bubble.isVisible()).toBe(false);
      await bars.nth(index).hover();
      expect([await bubble.isVisible(), await bubble.textContent()]).toEqual([true, name]);
    }
    await bars.nth(2).hover();
    expect(await bubble.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await close();
  });

  test('should keep of an address what stands before the @', async () => {
    const { page, close } = await visit(running.browser, `${api.url}/boards/overview`);
    const bars = page.locator('[data-panel="cost-by-user"] .bar');
    expect(await bars.locator('.name-head').allTextContents()).toEqual(USERS.map((user) => user.split('@')[0]));
    const cut = await bars.locator('.name-head, .name-tail').evaluateAll((parts) => parts.map((part) => part.scrollWidth > part.clientWidth));
    expect(cut).toEqual([false, true, false, true]);
    await bars.first().hover();
    expect(await page.locator('#full-name').textContent()).toBe(USERS[0]);
    await close();
  });
});
