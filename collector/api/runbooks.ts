/**
 * The runbooks at the address that every alert names, so that they can be read wherever the collector can be reached, at night and without the
 * internet. They hold no figure and no name, so they need no token.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from 'express';
import { ALERTS } from '../catalog/alert-names.ts';
import { ROUTES } from '../catalog/names.ts';
import { runbookHtml } from './runbook-html.ts';
import { textPage } from './text-page.ts';
import { isKnown } from './validators.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'dashboards', 'runbooks');
const NAMES = Object.values(ALERTS).toSorted();

const LIST = `<ul>${NAMES.map((name) => `<li><a href="${ROUTES.runbooks}/${name}">${name.replace('Ledgerline', '')}</a></li>`).join('')}</ul>`;
const CONTENTS = `<h2>Runbooks</h2>${LIST}`;

/** Read once, when the server starts: one that is missing is found then. */
export function runbooks(): Router {
  const router = Router();
  const serve = (path: string, title: string, main: string): void => {
    const html = textPage({ title, contents: CONTENTS, main });
    const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
    router.get(path, (request, response) => {
      if (isKnown(request, response, etag)) return void response.status(304).end();
      response.type('html').send(html);
    });
  };
  serve(ROUTES.runbooks, 'Runbooks', `<h1>Runbooks</h1><p>What each alert means and what to do.</p>${LIST}`);
  for (const name of NAMES) serve(`${ROUTES.runbooks}/${name}`, name, runbookHtml(readFileSync(join(FOLDER, `${name}.md`), 'utf8')));
  return router;
}
