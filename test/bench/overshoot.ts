/**
 * Prints how far spend runs past a hard limit, by simulation; with --write into docs/guard.md.
 *   npm run overshoot [-- --write]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../support/sources.ts';
import { overshootSection, replaceSection } from './overshoot-table.ts';

const PAGE = join(PROJECT, 'docs/guard.md');

const section = overshootSection();
console.log(section);
if (process.argv.includes('--write')) writeFileSync(PAGE, replaceSection(readFileSync(PAGE, 'utf8'), section));
