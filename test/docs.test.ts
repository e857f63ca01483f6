/** The documents say what is, and all of it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LOG_CODES } from '../collector/catalog/log-codes.ts';
import { ENV_PREFIX } from '../collector/catalog/names.ts';
import { REFUSALS } from '../collector/catalog/refusals.ts';
import { createProgram } from '../collector/cli/program.ts';
import { processTerminal } from '../collector/cli/terminal.ts';
import { OTHER_VARIABLES } from '../collector/config/load.ts';
import { environmentKeys } from '../collector/config/schema-keys.ts';
import { PROJECT, read, sources } from './support/sources.ts';

const pages = sources('.md').filter((path) => !path.startsWith('test/fixtures/'));
const prose = (page: string): string => read(page).replaceAll(/```[\s\S]*?```/g, '');
const manifest: Record<'scripts' | 'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>> = JSON.parse(
  read('package.json'),
);

/** As GitHub makes the anchor of a heading. */
const slug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const variables = (path: string): string[] => [...read(path).matchAll(new RegExp(`\\b${ENV_PREFIX}[A-Z0-9_]+\\b`, 'g'))].map(([name]) => name);
/** What the compose file and its like read is no key of the configuration. */
const deployed = sources('.yaml', '.yml', '.sh', '.env.example')
  .filter((path) => path.startsWith('deploy/'))
  .flatMap(variables);

const anchors = (page: string): string[] => [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));

describe.each(pages)('%s', (page) => {
  test('links to files and headings that exist', () => {
    const broken = [...prose(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(PROJECT, target))) return [link];
      return anchor === undefined || !target.endsWith('.md') || anchors(target).includes(anchor) ? [] : [link];
    });
    expect(broken).toEqual([]);
  });

  test('names only commands of npm that exist', () => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test('names only environment variables that exist', () => {
    const known = [...environmentKeys().map(({ variable }) => variable), ...OTHER_VARIABLES, ...deployed];
    expect(variables(page).filter((name) => !known.includes(name))).toEqual([]);
  });
});

test('docs/configuration.md has every key and its variable', () => {
  const page = read('docs/configuration.md');
  const missing = environmentKeys().filter(({ path, schema, variable }) => {
    const isSection = schema.properties !== undefined && path.length === 1;
    return !isSection && !(page.includes(`\`${path.join('.')}\``) || path.length === 1) && !page.includes(`\`${variable}\``);
  });
  expect(missing.map(({ variable }) => variable)).toEqual([]);
});

test('SECURITY.md names tests that exist', () => {
  const named = [...read('SECURITY.md').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
});

test('docs/cli.md has every command and every flag', async () => {
  const page = read('docs/cli.md');
  const words = (await createProgram(processTerminal())).commands.flatMap((command) => [
    command.name(),
    ...command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
  ]);
  expect(words.length).toBeGreaterThan(20);
  expect(words.filter((word) => !page.includes(word))).toEqual([]);
});

test('docs/dependencies.md gives the reason for each package, and for no other', () => {
  const reasons = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  expect(reasons.toSorted()).toEqual(Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }).toSorted());
});

test('docs/operations.md has every code of the log with its level, component and meaning, and no other', () => {
  const table = read('docs/operations.md').split('### Codes')[1]?.split('\n## ')[0] ?? '';
  const rows = [...table.matchAll(/^\| `.*$/gm)].map(([row]) => row);
  const expected = Object.entries(LOG_CODES).map(([code, { level, component, meaning }]) => `| \`${code}\` | ${level} | ${component} | ${meaning} |`);
  expect(rows).toEqual(expected);
});

test('docs/operations.md has every kind of refusal with its severity, in its order', () => {
  const table = read('docs/operations.md').split('## Refusals')[1]?.split('\n## ')[0] ?? '';
  const rows = [...table.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \|/gm)].map(([, kind, severity, unit]) => `${kind} ${severity} ${unit}`);
  expect(rows).toEqual(Object.entries(REFUSALS).map(([kind, { severity, unit }]) => `${kind} ${severity} ${unit}s`));
});

test('every code of the log is logged somewhere', () => {
  const code = sources('.ts').filter((path) => path.startsWith('collector/') && path !== 'collector/catalog/log-codes.ts');
  const text = code.map(read).join('\n');
  expect(Object.keys(LOG_CODES).filter((name) => !text.includes(`('${name}'`))).toEqual([]);
});
