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
  /** Below ASSETS. */
  readonly name: string;
  readonly type: string;
  /** Made once. */
  readonly content: () => Content;
}

interface Content {
  readonly body: string;
  readonly etag: string;
}

interface Source {
  readonly name: string;
  readonly text: string;
}

const asset = ({ name, text }: Source, version: string): Asset => {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  let made: Content | undefined;
  const content = (): Content => {
    made ??= contentOf(extension === 'ts' ? toBrowserModule(text, version) : text);
    return made;
  };
  return { name, type: TYPES[extension] ?? 'text/plain', content };
};

const contentOf = (body: string): Content => ({ body, etag: `"${digestOf(body)}"` });
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** One at a time, so that nobody waits for all of them. */
function makeAhead([next, ...others]: readonly Asset[]): void {
  next?.content();
  if (others.length > 0) setImmediate(() => makeAhead(others)).unref();
}

/** Browsers know no package names, so the one package the page uses is named by its address. */
function toBrowserModule(source: string, version: string): string {
  return stripTypeScriptTypes(source, { mode: 'strip' }).replace(/from 'uplot'/, `from '${ASSETS}/${version}/uplot.js'`);
}

function loadSources(): readonly Source[] {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const own = readdirSync(join(ROOT, WEB))
    .sort()
    .filter((name) => /\.(ts|css|svg)$/.test(name))
    .map((name) => `${WEB}/${name}`);
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
  const styles = own.filter((path) => path.endsWith('.css')).map(read);
  return [
    // One style sheet, since the page shows nothing before it has all of them. The package's comes first, so that ours wins.
    { name: 'page.css', text: [readFileSync(join(uplot, 'dist', 'uPlot.min.css'), 'utf8'), ...styles].join('\n') },
    { name: 'uplot.js', text: readFileSync(join(uplot, 'dist', 'uPlot.esm.js'), 'utf8') },
    ...[...own.filter((path) => !path.endsWith('.css')), ...SHARED].map((name) => ({ name, text: read(name) })),
  ];
}

/** Of what browsers get, which is known before it is made: the sources, and what makes modules of them. */
const versionOf = (sources: readonly Source[]): string => digestOf(JSON.stringify([process.version, toBrowserModule.toString(), sources]));

/** Asked again each time and answered with 304 while unchanged. */
const ASKED_AGAIN = 'no-cache';
/** For a year: what an address with a version gives never changes. */
const KEPT = 'public, max-age=31536000, immutable';

/**
 * Routes of the page. The files are read once, when the server starts. The page names them by their version, so that browsers keep them and an
 * upgrade shows at the next reload; by another version, which the page of another replica names during an update, they are given as they are.
 */
export function page(signInPath?: string): Router {
  const router = Router();
  const sources = loadSources();
  const version = versionOf(sources);
  const assets = sources.map((source) => asset(source, version));
  setTimeout(() => makeAhead(assets), AFTER_START_MS).unref();
  const template = readFileSync(join(ROOT, WEB, 'index.html'), 'utf8').replaceAll(`${ASSETS}/`, `${ASSETS}/${version}/`);
  const shell = renderShell(
    template,
    assets.map(({ name }) => `${ASSETS}/${version}/${name}`),
    signInPath,
  );
  // The same shell for every address: the page's own code looks at the path.
  router.get(['/', '/boards/:id', '/sessions', '/sessions/:id'], (_request, response) => {
    response.set('Cache-Control', ASKED_AGAIN).type('html').send(shell);
  });
  for (const { name, type, content } of assets) {
    router.get([`${ASSETS}/${name}`, `${ASSETS}/:version/${name}`], (request, response) => {
      const { body, etag } = content();
      const isOfVersion = request.params.version === version;
      response
        .set({ 'Cache-Control': isOfVersion ? KEPT : ASKED_AGAIN, ETag: etag })
        .type(type)
        .send(body);
    });
  }
  return router;
}
