/** What would have saved money, below the Developer board in a real Chromium. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApi, type TestApi } from '../../api/support.ts';
import { DAY, MINUTE, request, TODAY } from '../../query/explain/scenario.ts';
import { describeWithBackend, launchChromium, type RunningBrowser } from '../../support/backends.ts';
import { visit } from './support.ts';

describeWithBackend('chromium', 'what would have saved money', () => {
  let api: TestApi;
  let running: RunningBrowser;
  beforeAll(async () => {
    running = await launchChromium();
    api = await startApi({ nowMs: TODAY + DAY });
    const plan = { team: 'platform', read: 0, written: 100_000, input: 0, output: 0, amounts: { edits_accepted: 1 } };
    await api.append([
      ...[0, 20].map((minutes) => request({ ...plan, session: 'paused <b>twice</b>', user: 'ada', atMs: TODAY + (540 + minutes) * MINUTE })),
      request({ ...plan, session: 'once', user: 'bob', atMs: TODAY + 540 * MINUTE }),
    ]);
  });
  afterAll(async () => {
    await api?.stop();
    await running?.stop();
  });

  test('the table has the amount and leads to the session; the sentences say how it was computed and what to do', async () => {
    const { page, complaints, close } = await visit(running.browser, `${api.url}/boards/developer?where=user:ada`);
    const section = page.locator('section.advice');
    await section.waitFor();
    expect(await section.locator('h2').textContent()).toBe('What would have saved money');
    expect(await section.locator('p').first().textContent()).toMatch(/^At most \$0\.48 of \$1\.00\. /);
    expect(await section.locator('tbody td').allTextContents()).toEqual([
      '$0.48',
      'Cache written again after pauses',
      'ada',
      '1 pause longer than the cache lasts, the longest 20 min: 100k tokens written again',
    ]);
    expect(await section.locator('p').nth(1).textContent()).toMatch(
      /^Cache written again after pauses: \$0\.48\. Go on before .* How it was computed: Tokens that were in the cache/,
    );
    await section.locator('tbody a').click();
    await page.locator('h1 code').waitFor();
    expect(await page.locator('h1 code').textContent()).toBe('paused <b>twice</b>');
    expect(complaints).toEqual([]);
    await close();
  });

  test('of somebody who could have saved nothing it says so, and other boards do not have it', async () => {
    const { page, complaints, requests, close } = await visit(running.browser, `${api.url}/boards/developer?where=user:bob`);
    await page.locator('section.advice').waitFor();
    expect(await page.locator('section.advice').textContent()).toContain('Nothing was found that would have cost less.');
    const asked = requests.filter((url) => url.includes('/api/v1/advice')).length;
    await page.goto(`${api.url}/boards/models`);
    await page.locator('main[aria-busy="false"] h1').waitFor();
    expect(await page.locator('section.advice').count()).toBe(0);
    expect(requests.filter((url) => url.includes('/api/v1/advice'))).toHaveLength(asked);
    expect(complaints).toEqual([]);
    await close();
  });
});
