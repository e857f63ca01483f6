/**
 * Writes every generated file from its source: `npm run generate`. With --check nothing is written; a file that differs,
 * is missing, or is no longer generated is named, and the exit code is 1. Works in a checkout and outside of one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ALL_QUESTIONS } from '../collector/api/api.ts';
import { documentText } from '../collector/api/documents.ts';
import { openApiDocument } from '../collector/api/openapi.ts';
import { commandReference } from '../collector/cli/reference.ts';
import { configJsonSchema } from '../collector/config/schema-keys.ts';
import { builtInText } from '../collector/pricing/load.ts';
import { build as buildDashboards, GENERATED } from '../dashboards/build.ts';
import { configurationPage } from './configuration-page.ts';
import { metricsPage } from './metrics-page.ts';
import { statuslinePicture } from './statusline-picture.ts';

const PROJECT = join(import.meta.dirname, '..');
/** Folders that hold generated files only, so that what is no longer generated can be told and removed. */
const FOLDERS = [GENERATED, 'schema'];

const files = new Map<string, string>([
  ...buildDashboards(),
  ['schema/ledgerline.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
  ['schema/openapi.json', documentText(openApiDocument(ALL_QUESTIONS))],
  ['collector/pricing/built-in.json', builtInText()],
  ['docs/cli.md', await commandReference()],
  ['docs/configuration.md', configurationPage()],
  ['docs/metrics.md', metricsPage()],
  ['docs/images/statusline.svg', statuslinePicture()],
]);

if (process.argv.includes('--check')) check();
else write();

function check(): void {
  const different = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
  for (const path of different) console.error(`${path} ${read(path) === undefined ? 'is missing' : 'is not what its source gives'}`);
  for (const path of strays()) console.error(`${path} is no longer generated`);
  if (different.length + strays().length === 0) return;
  console.error('Run `npm run generate` and commit the result.');
  process.exitCode = 1;
}

function write(): void {
  for (const path of strays()) rmSync(join(PROJECT, path));
  for (const [path, content] of files) {
    if (read(path) === content) continue;
    mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
    writeFileSync(join(PROJECT, path), content);
    console.log(`wrote ${path}`);
  }
}

function read(path: string): string | undefined {
  const file = join(PROJECT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function strays(): string[] {
  return FOLDERS.filter((folder) => existsSync(join(PROJECT, folder)))
    .flatMap((folder) => readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .filter((path) => !files.has(path.replaceAll('\\', '/')));
}
