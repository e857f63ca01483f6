/** Whatever a configuration file holds, it is a configuration or a list of mistakes, each with its place: never another exception. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type ConfigSources, loadConfig } from '../../collector/config/load.ts';
import { configJsonSchema, environmentKeys } from '../../collector/config/schema-keys.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { seededRandom } from '../support/random.ts';
import { randomSources } from './random-config.ts';

// After a change to the reading of the configuration: LEDGERLINE_HOSTILE_CONFIGS=20000 npm test -- test/config/fuzz --testTimeout=1200000
const FILES = Number(process.env.LEDGERLINE_HOSTILE_CONFIGS ?? 400);
const MESSAGE_MAX = 40_000;
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-fuzz-'));
const file = join(folder, 'ledgerline.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with the answer to these sources; undefined when it is a configuration or a list of mistakes with their places. */
function findFlaw(sources: ConfigSources, onRefusal = () => {}): string | undefined {
  try {
    const { server } = loadConfig(sources);
    return typeof server.host === 'string' ? undefined : 'a configuration without a host';
  } catch (error) {
    if (!(error instanceof LedgerlineError) || error.code !== 'invalid') return String(error instanceof Error ? error.stack : error);
    onRefusal();
    if (error.message.length > MESSAGE_MAX) return `a message of ${error.message.length} characters`;
    const lines = error.message.split('\n');
    const placeless = lines.find((line) => !/^(?:LEDGERLINE_|… and )/.test(line) && !line.startsWith(file));
    if (placeless !== undefined) return `without its place: ${placeless}`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys is what must not be there.
    return lines.find((line) => /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(line));
  }
}

function flawOf(text: string | Uint8Array, env: ConfigSources['env'] = {}, onRefusal = () => {}): string | undefined {
  writeFileSync(file, text);
  return findFlaw({ file, env }, onRefusal);
}

const mistakesIn = (text: string): readonly string[] => {
  writeFileSync(file, text);
  try {
    loadConfig({ file, env: {} });
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(file, '').split('\n');
  }
  return [];
};

test(`${FILES} damaged files and environments are each read, or refused with the place`, () => {
  const random = seededRandom('damaged configurations');
  const schema = configJsonSchema();
  const variables = environmentKeys().map(({ variable }) => variable);
  const flaws: string[] = [];
  let refused = 0;
  for (let run = 0; run < FILES && flaws.length < 5; run++) {
    const { text, env } = randomSources(schema, variables, random);
    const flaw = flawOf(text, env, () => refused++);
    if (flaw !== undefined) flaws.push(`run ${run}: ${flaw}\n${JSON.stringify({ text: text.slice(0, 2_000), env })}`);
  }
  expect(flaws).toEqual([]);
  // Both happen, or the generator is worth nothing.
  expect([refused > FILES / 4, refused < FILES]).toEqual([true, true]);
});

describe('a file that is made to cost', () => {
  const lines = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('\n');

  test.each([
    ['aliases of aliases', `a0: &a0 [x]\n${lines(30, (i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(20)}]`)}`],
    ['40,000 aliases', `budgets:\n  - &a { name: all, amount_usd: "1" }\n${lines(40_000, () => '  - *a')}`],
    ['a list that holds itself', 'budgets: &a [*a]'],
    ['a map that holds itself', 'models: &a { aliases: *a }'],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['100,000 open braces', 'server: '.concat('{a: '.repeat(100_000))],
    ['lists 2,000 deep', `${'['.repeat(2_000)}${']'.repeat(2_000)}`],
    ['blocks 2,000 deep', lines(2_000, (i) => `${' '.repeat(i)}a:`)],
    ['40,000 unknown keys', lines(40_000, (i) => `key${i}: 1`)],
    ['the same key 40,000 times', lines(40_000, () => 'timezone: UTC')],
    ['40,000 syntax errors', lines(40_000, () => '}')],
    ['40,000 tags', lines(40_000, (i) => `k${i}: !!x y`)],
    ['100,000 documents', lines(100_000, () => '---')],
    ['40,000 wrong budgets', `budgets:\n${lines(40_000, () => '  - 1')}`],
    ['20,000 budgets in a chain', `budgets:\n${lines(20_000, (i) => `  - { name: b${i}, amount_usd: "1", parent: b${i + 1} }`)}`],
    ['50,000 thresholds', `budgets:\n  - name: a\n    amount_usd: "1"\n    thresholds:\n${lines(50_000, (i) => `      - { at: 0.${i + 1} }`)}`],
    ['a text of 3 MB', `timezone: ${'x'.repeat(3_000_000)}`],
    ['a number of 3 MB', `log: { level: ${'9'.repeat(3_000_000)} }`],
    ['64 MB', 'x'.repeat(64_000_000)],
    ['no text at all', Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7) % 256)],
  ])('%s', (_name, text) => {
    expect(flawOf(text)).toBeUndefined();
  });

  test('is not read to its end where it has none', () => {
    const message = findFlaw({ file: '/dev/zero', env: {} });
    expect(message).toBe('without its place: /dev/zero: larger than 4 MiB, which no configuration is; give the right file with --config FILE');
  });

  test('is refused with the first 50 mistakes and the number of the others', () => {
    const mistakes = mistakesIn(`budgets:\n${lines(80, () => '  - 1')}`);
    expect([mistakes.length, mistakes[49], mistakes[50]]).toEqual([
      51,
      ':51:5 budgets[49]: must be a map of name, not 1',
      '… and 30 more mistakes; correct these first',
    ]);
  });

  test('a value is shown with its beginning', () => {
    expect(mistakesIn(`timezone: ${'x'.repeat(500)}`)).toEqual([
      `:1:11 timezone: must be an IANA time zone such as "Europe/Berlin" or "UTC", not "${'x'.repeat(100)}…"`,
    ]);
  });
});

describe('what YAML can do beyond plain data', () => {
  test.each([
    ['a set', '%YAML 1.1\n---\n!!set {servr}', [':3:8 servr: unknown key; did you mean "server"?']],
    ['a merge', 'log: &a { level: debug }\nserver: { <<: *a }', [':2:11 server.<<: unknown key; known here: host']],
    [
      'a key given twice, as text and as a number',
      'models: { aliases: { 1: a, "1": b } }',
      [':1:28: this key is already given above; keep one of them'],
    ],
    ['an alias of nothing', 'timezone: *zone', [':1:11: there is no &zone above for the alias *zone']],
    ['control characters in a key', '"\\e[31m": 1', [':1:1 \\u001b[31m: unknown key;']],
  ])('%s', (_name, text, expected) => {
    const mistakes = mistakesIn(text);
    expect(mistakes).toEqual(expected.map((start) => expect.stringContaining(start)));
  });
});
