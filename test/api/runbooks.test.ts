/** The runbooks as the collector serves them: every alert has one at its address, readable without a token and without the internet. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runbookHtml } from '../../collector/api/runbook-html.ts';
import { ALERTS } from '../../collector/catalog/alert-names.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { SCOPES, tokensOf } from './scope-cases.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ authenticate: createAuthenticator(tokensOf(SCOPES)) });
});
afterAll(() => api.stop());

describe('runbooks', () => {
  test.each(Object.values(ALERTS))('%s is a page of its own, without a token, script of its own or anything from elsewhere', async (name) => {
    const response = await fetch(`${api.url}/runbooks/${name}`);
    const html = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain(`<h1>${name}</h1>`);
    for (const part of ['Meaning.', 'What to do.']) expect(html).toContain(`<strong>${part}</strong>`);
    expect(html).not.toMatch(/\*\*|\]\(|https?:\/\/(?!HOST)/);
    for (const [, path = ''] of html.matchAll(/href="(\/runbooks\/[^"]+)"/g)) expect((await fetch(api.url + path)).status).toBe(200);
  });

  test('name only questions that the collector answers', async () => {
    const open = await startApi({});
    try {
      const asked = Object.values(ALERTS).map(async (name) => {
        const markdown = await readFile(join(import.meta.dirname, '../../dashboards/runbooks', `${name}.md`), 'utf8');
        const paths = [...markdown.matchAll(/GET (\/api\/v1\/[^`]+)`/g)].map(([, path = '']) => path);
        return Promise.all(paths.map(async (path) => [path, (await fetch(open.url + path)).status] as const));
      });
      const answers = (await Promise.all(asked)).flat();
      expect(answers.length).toBeGreaterThan(4);
      expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
    } finally {
      await open.stop();
    }
  });

  test('are listed, are asked for again with their tag, and there is no other', async () => {
    const list = await fetch(`${api.url}/runbooks`);
    expect((await list.text()).match(/<li><a href="\/runbooks\//g)?.length).toBe(2 * Object.values(ALERTS).length);
    const again = await fetch(`${api.url}/runbooks`, { headers: { 'if-none-match': list.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    for (const path of ['/runbooks/Nothing', '/runbooks/..%2f..%2fpackage', '/runbooks/LedgerlineCostSetAside.md'])
      expect((await fetch(api.url + path)).status).toBe(404);
  });

  test('show code as it is, and markup of a name as text', () => {
    expect(runbookHtml('# A\n\n**B.** `x **y** <z>` <script>\n\n1. one\n2. [two](LedgerlineCostSetAside.md) [three](../../docs/x.md#y)')).toBe(
      [
        '<h1>A</h1>',
        '<p><strong>B.</strong> <code>x **y** &lt;z&gt;</code> &lt;script&gt;</p>',
        '<ol><li>one</li><li><a href="/runbooks/LedgerlineCostSetAside">two</a> <code>three</code></li></ol>',
      ].join('\n        '),
    );
  });
});
