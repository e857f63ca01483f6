/** The reference of the API as text; test/dashboards/web/reference.test.ts reads it in a browser. */
import { expect, test } from '@jest/globals';
import { startApi } from './support.ts';

test('sections of the reference should be named as people read them', async () => {
  const api = await startApi();
  try {
    const { text } = await api.get('/docs/api');
    const titles = [...text.matchAll(/<h2>([^<]+)<\/h2>\s*<p class="route">/g)].map(([, title]) => title);
    expect(titles.length).toBeGreaterThan(25);
    expect(titles).toEqual(expect.arrayContaining(['OpenAPI', 'Session requests', 'Set budget', 'Who asks', 'Liveness', 'Readiness']));
    expect(titles.filter((title) => !/^(?:OpenAPI|[A-Z][a-z]*(?: [a-z]+)*)$/.test(title ?? ''))).toEqual([]);
    for (const title of titles) expect(text).toContain(`">${title}</a></li>`);
  } finally {
    await api.stop();
  }
});
