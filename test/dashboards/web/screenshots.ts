/**
 * Draws every board from the demo organization, light, dark and as wide as a phone, to be looked at:
 * `npm run screenshots [-- FOLDER]` (default: .cache/screenshots, which is not committed). With `--users 2000` from a large organization.
 * With `--docs` it draws only the few pictures that README and docs/ show, into docs/images/. The demo is the same for the same
 * day, so a picture changes only when the page or the day does.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { launchChromium } from '../../support/backends-servers.ts';
import { startDemoOrganization, startLargeOrganization } from './demo-organization.ts';
import { type VisitOptions, visit } from './support.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DESKTOP = { viewport: { width: 1440, height: 900 } };
/** As tall as the first charts reach. */
const DOCS_WINDOW = { viewport: { width: 1440, height: 985 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

interface Picture {
  readonly file: string;
  readonly path: string;
  readonly options: VisitOptions;
  /** How much of the page: all of it, or what fits the window. */
  readonly isWhole: boolean;
}

const PATHS = [
  ...BOARDS.map(({ id }) => ({ name: id, path: id === 'overview' ? '/' : `/boards/${id}` })),
  { name: 'session-list', path: '/sessions' },
];
const ALL: readonly Picture[] = PATHS.flatMap(({ name, path }) => [
  { file: `${name}.png`, path, options: { ...DESKTOP, colorScheme: 'light' }, isWhole: true },
  { file: `${name}-dark.png`, path, options: { ...DESKTOP, colorScheme: 'dark' }, isWhole: true },
  { file: `${name}-phone.png`, path, options: { ...PHONE, colorScheme: 'light' }, isWhole: true },
]);
const DOCS: readonly Picture[] = [
  { file: 'overview.png', path: '/', options: { ...DOCS_WINDOW, colorScheme: 'light' }, isWhole: false },
  { file: 'overview-dark.png', path: '/', options: { ...DOCS_WINDOW, colorScheme: 'dark' }, isWhole: false },
  { file: 'overview-phone.png', path: '/', options: { ...PHONE, colorScheme: 'light', deviceScaleFactor: 2 }, isWhole: false },
];

const { values, positionals } = parseArgs({
  options: { docs: { type: 'boolean', default: false }, users: { type: 'string' } },
  allowPositionals: true,
});
const folder = values.docs ? join(ROOT, 'docs/images') : (positionals[0] ?? join(ROOT, '.cache/screenshots'));
await mkdir(folder, { recursive: true });
const organization = await (values.users === undefined
  ? startDemoOrganization(console.log)
  : startLargeOrganization(Number(values.users), console.log));
const running = await launchChromium();
try {
  for (const picture of values.docs ? DOCS : ALL) await draw(running.browser, picture);
} finally {
  await running.stop();
  await organization.stop();
}

async function draw(browser: Browser, { file, path, options, isWhole }: Picture): Promise<void> {
  const { page, complaints, close } = await visit(browser, new URL(path, organization.url).href, options);
  const target = join(folder, file);
  if (isWhole) await showWhole(page);
  await page.screenshot({ path: target });
  await close();
  if (complaints.length > 0) throw new Error(`${file}: the page complained: ${complaints.join('; ')}`);
  console.log(relative(process.cwd(), target));
}

/** A window as tall as the page, so that what sticks to the window's edges is drawn once, where it belongs. */
async function showWhole(page: Page): Promise<void> {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: page.viewportSize()?.width ?? DESKTOP.viewport.width, height });
}
