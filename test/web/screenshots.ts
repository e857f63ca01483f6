/**
 * Draws the pictures in docs/images/ from the demo organisation: `node bin/node26.mjs test/web/screenshots.ts`.
 * The demo is the same for the same day, so a picture changes only when the page or the day does.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { configSchema } from '../../collector/config.ts';
import { startDemo } from '../../collector/demo/demo.ts';
import { type Collector, startCollector } from '../../collector/main.ts';
import { launchChromium } from '../support/backends-servers.ts';
import { type VisitOptions, visit } from './support.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const DESKTOP = { viewport: { width: 1360, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

interface Picture {
  readonly file: string;
  readonly options: VisitOptions;
  /** The picture ends below this element; without it, it is what fits the window. */
  readonly until?: string;
}

const PICTURES: readonly Picture[] = [
  { file: 'overview.png', options: { ...DESKTOP, colorScheme: 'light' }, until: '.card.is-timeseries' },
  { file: 'overview-dark.png', options: { ...DESKTOP, colorScheme: 'dark' }, until: '.card.is-timeseries' },
  { file: 'overview-phone.png', options: { ...PHONE, colorScheme: 'light' } },
];

const log = (line: string): void => console.log(line);
const data = await mkdtemp(join(tmpdir(), 'ledgerline-pictures-'));
await mkdir(IMAGES, { recursive: true });
const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
const collector = await startCollector(configSchema.parse({ data, server: ports }), { log });
const demo = startDemo({ url: `http://127.0.0.1:${collector.ports.otlpHttp}`, log });
try {
  await demo.filled;
  await drawAll(collector);
} finally {
  await demo.stop();
  await collector.stop();
  await rm(data, { recursive: true });
}

async function drawAll({ ports: { api } }: Collector): Promise<void> {
  const running = await launchChromium();
  try {
    for (const picture of PICTURES) await draw(running.browser, `http://127.0.0.1:${api}/`, picture);
  } finally {
    await running.stop();
  }
}

async function draw(browser: Browser, url: string, { file, options, until }: Picture): Promise<void> {
  const { page, complaints, close } = await visit(browser, url, options);
  const path = join(IMAGES, file);
  if (until === undefined) await page.screenshot({ path });
  else await page.screenshot({ path, fullPage: true, clip: await everythingDownTo(page, until) });
  await close();
  if (complaints.length > 0) throw new Error(`${file}: the page complained: ${complaints.join('; ')}`);
  log(`docs/images/${file}`);
}

async function everythingDownTo(page: Page, selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator(selector).first().boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  return { x: 0, y: 0, width, height: Math.ceil((box?.y ?? 0) + (box?.height ?? 0)) + 24 };
}
