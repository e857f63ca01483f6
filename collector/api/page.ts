/**
 * The built-in page's files. The browser gets our TypeScript with the types taken out, under the same names, so that
 * imports resolve as they do here and no bundler stands between the source and what runs.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';
import { renderShell } from './page-shell.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WEB = 'dashboards/web';
/** Modules of ours that the page runs too: pure, and the reason why both say the same. */
const SHARED = ['collector/core/duration.ts', 'collector/core/money.ts', 'collector/catalog/client-settings.ts'];
const ASSETS = '/assets';
const TYPES: Readonly<Record<string, string>> = { ts: 'text/javascript', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** Taking types out takes a fifth of a start: it waits until the first browser asks, or until the start is over. */
const AFTER_START_MS = 1_000;

interface Asset {
  readonly path: string;
  readonly type: string;
  /** Made once. */
  readonly content: () => Content;
}

interface Content {
  readonly body: string;
  readonly etag: string;
}

const asset = (path: string, text: string): Asset => {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  let made: Content | undefined;
  const content = (): Content => {
    made ??= contentOf(extension === 'ts' ? toBrowserModule(text) : text);
    return made;
  };
  return { path, type: TYPES[extension] ?? 'text/plain', content };
};

const contentOf = (body: string): Content => ({ body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` });

/** One at a time, so that nobody waits for all of them. */
function makeAhead([next, ...others]: readonly Asset[]): void {
  next?.content();
  if (others.length > 0) setImmediate(() => makeAhead(others)).unref();
}

/** Browsers know no package names, so the one package the page uses is named by its address. */
function toBrowserModule(source: string): string {
  return stripTypeScriptTypes(source, { mode: 'strip' }).replace(/from 'uplot'/, `from '${ASSETS}/uplot.js'`);
}

function loadAssets(): readonly Asset[] {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const own = readdirSync(join(ROOT, WEB))
    .sort()
    .filter((name) => /\.(ts|css|svg)$/.test(name))
    .map((name) => `${WEB}/${name}`);
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
  const styles = own.filter((path) => path.endsWith('.css')).map(read);
  return [
    // One style sheet, since the page shows nothing before it has all of them. The package's comes first, so that ours wins.
    asset(`${ASSETS}/page.css`, [readFileSync(join(uplot, 'dist', 'uPlot.min.css'), 'utf8'), ...styles].join('\n')),
    asset(`${ASSETS}/uplot.js`, readFileSync(join(uplot, 'dist', 'uPlot.esm.js'), 'utf8')),
    ...[...own.filter((path) => !path.endsWith('.css')), ...SHARED].map((path) => asset(`${ASSETS}/${path}`, read(path))),
  ];
}

/** Routes of the page. The files are read once, when the server starts. */
export function page(signInPath?: string): Router {
  const router = Router();
  const assets = loadAssets();
  setTimeout(() => makeAhead(assets), AFTER_START_MS).unref();
  const template = readFileSync(join(ROOT, WEB, 'index.html'), 'utf8');
  const shell = renderShell(
    template,
    assets.map(({ path }) => path),
    signInPath,
  );
  // The same shell for every address: the page's own code looks at the path.
  router.get(['/', '/boards/:id', '/sessions', '/sessions/:id'], (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('html').send(shell);
  });
  for (const { path, type, content } of assets) {
    router.get(path, (_request, response) => {
      const { body, etag } = content();
      // Asked again each time and answered with 304 while unchanged, so that an upgrade shows at the next reload.
      response.set({ 'Cache-Control': 'no-cache', ETag: etag }).type(type).send(body);
    });
  }
  return router;
}
