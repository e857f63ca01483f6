/**
 * Draws the committed examples of messages, and the runbooks they lead to, light and dark, as wide as a mail and as a phone, to be looked at:
 * `npm run pictures [-- FOLDER]` (default: .cache/pictures, which is not committed). With `--docs` it draws only the few
 * that docs/alerts.md shows, into docs/images/.
 */
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import express from 'express';
import type { Page } from 'playwright-core';
import { page as boardsPage } from '../../collector/api/page.ts';
import { escapeHtml } from '../../collector/api/reference/html.ts';
import { runbooks } from '../../collector/api/runbooks.ts';
import { ALERTS } from '../../collector/catalog/alert-names.ts';
import { ROUTES } from '../../collector/catalog/names.ts';
import { launchChromium } from '../support/backends-servers.ts';
import { attachmentPage, markdownCard, type SlackAttachment, slackPage, teamsPage } from './picture-cards.ts';

const ROOT = join(import.meta.dirname, '../..');
const COLLECTOR = join(import.meta.dirname, 'golden');
const ALERTMANAGER = join(ROOT, 'test/dashboards/alerts/golden');
const WIDTHS = [640, 390];
const SCHEMES = ['light', 'dark'] as const;

/** By the name of its picture, a message as a page. */
type Pages = ReadonlyMap<string, string>;

const plainPage = (text: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><pre style="font:14px/1.4 monospace;white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(text)}</pre>`;

/** The committed text of a channel: `==== mail`, `==== slack` and so on. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^==== (\w+)\n/m).slice(1);
  return new Map(parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? '']] : [])));
}

async function collectorPages(): Promise<Pages> {
  const pages = new Map<string, string>();
  for (const file of (await readdir(COLLECTOR)).filter((name) => name.endsWith('.txt'))) {
    const text = await readFile(join(COLLECTOR, file), 'utf8');
    const name = file.replace(/(?:\.html)?\.txt$/, '');
    if (file.endsWith('.html.txt')) {
      pages.set(`${name}-mail`, text);
      continue;
    }
    const sections = sectionsOf(text);
    // Examples of ours: their shape is what the renderers' types say.
    pages.set(`${name}-slack`, slackPage(JSON.parse(sections.get('slack') ?? '') as Parameters<typeof slackPage>[0]));
    pages.set(`${name}-teams`, teamsPage(JSON.parse(sections.get('teams') ?? '') as Parameters<typeof teamsPage>[0]));
    pages.set(`${name}-text`, plainPage(sections.get('mail') ?? ''));
  }
  return pages;
}

async function alertmanagerPages(): Promise<Pages> {
  const pages = new Map<string, string>();
  for (const file of await readdir(ALERTMANAGER)) {
    const text = await readFile(join(ALERTMANAGER, file), 'utf8');
    const name = `alertmanager-${file.replace(/\.(mail\.txt|slack\.json|teams\.json)$/, '')}`;
    if (file.endsWith('.teams.json')) pages.set(`${name}-teams`, markdownCard(JSON.parse(text) as Pick<SlackAttachment, 'title' | 'text'>));
    else if (file.endsWith('.json')) pages.set(`${name}-slack`, attachmentPage(JSON.parse(text) as SlackAttachment));
    else {
      const html = text.indexOf('<!doctype');
      pages.set(`${name}-mail`, text.slice(html, text.indexOf('</html>', html)));
      // Grafana's mails put this part into their own frame.
      pages.set(`${name}-text`, plainPage(text.slice(0, html)));
    }
  }
  return pages;
}

/** Name of the picture in docs/images, by the page it shows. */
const DOCS: Readonly<Record<string, string>> = {
  'LedgerlineBudgetThreshold-warning-mail': 'alert-mail.png',
  'LedgerlineBudgetThreshold-warning-slack': 'alert-slack.png',
};

type Scheme = (typeof SCHEMES)[number];

/** Returns by how many pixels the page is wider than its window. */
async function draw(
  page: Page,
  html: string,
  target: string,
  { width, scheme }: { readonly width: number; readonly scheme: Scheme },
): Promise<number> {
  await page.setViewportSize({ width, height: 300 });
  await page.emulateMedia({ colorScheme: scheme });
  await page.setContent(html);
  return drawn(page, target);
}

async function drawn(page: Page, target: string): Promise<number> {
  await page.screenshot({ path: target, fullPage: true });
  console.log(relative(process.cwd(), target));
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** Each runbook as the collector serves it. */
async function drawRunbooks(page: Page, folder: string): Promise<string[]> {
  const server = createServer(express().use(boardsPage(undefined), runbooks())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // listen() on a TCP port: the address is an object.
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tooWide: string[] = [];
  try {
    for (const [width, colorScheme] of [
      [1_280, 'light'],
      [390, 'dark'],
    ] as const)
      for (const path of ['', ...Object.values(ALERTS).map((name) => `/${name}`)]) {
        const file = `runbook${path.replace('/', '-')}-${width}-${colorScheme}.png`;
        await page.setViewportSize({ width, height: 700 });
        await page.emulateMedia({ colorScheme });
        await page.goto(base + ROUTES.runbooks + path);
        if ((await drawn(page, join(folder, file))) > 0) tooWide.push(file);
      }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return tooWide;
}

const { values, positionals } = parseArgs({ options: { docs: { type: 'boolean', default: false } }, allowPositionals: true });
const folder = values.docs ? join(ROOT, 'docs/images') : (positionals[0] ?? join(ROOT, '.cache/pictures'));
await mkdir(folder, { recursive: true });
const pages = new Map([...(await collectorPages()), ...(await alertmanagerPages())]);
const running = await launchChromium();
const tooWide: string[] = [];
try {
  const page = await running.browser.newPage();
  if (!values.docs) tooWide.push(...(await drawRunbooks(page, folder)));
  for (const [name, html] of pages) {
    const inDocs = DOCS[name];
    if (values.docs && inDocs !== undefined) await draw(page, html, join(folder, inDocs), { width: 640, scheme: 'light' });
    if (values.docs) continue;
    for (const width of WIDTHS)
      for (const scheme of SCHEMES) {
        const file = `${name}-${width}-${scheme}.png`;
        if ((await draw(page, html, join(folder, file), { width, scheme })) > 0) tooWide.push(file);
      }
  }
} finally {
  await running.stop();
}
if (tooWide.length > 0) throw new Error(`wider than their window: ${tooWide.join(', ')}`);
