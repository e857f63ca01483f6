/** What the soak says of its samples, where its section goes, and that it runs to its end; whether memory grows, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isInMemory } from './disk.ts';
import { chart } from './soak/chart.ts';
import { soakOf, withSoak } from './soak/page.ts';
import { partRows, type Sample, slope, verdictOf } from './soak/samples.ts';

const SOAK = fileURLToPath(new URL('./soak.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(isInMemory(tmpdir()) ? '/var/tmp' : tmpdir(), 'ledgerline-soak-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One every ten seconds. */
const samplesWith = (rssMb: readonly number[]): Sample[] =>
  rssMb.map((mb, index) => ({
    ...{ atMs: (index + 1) * 10_000, seconds: 10, exports: 2_000, answered: 2_000, refused: 0, records: 20_000 },
    ...{ p50Ms: 2, p99Ms: 8 + index, maxMs: 20 + index, cpuMs: 0.5, writtenBytes: 12_000, rssBytes: mb * 1e6 },
    ...{ ledgerBytes: 1e6 * index, walBytes: 16e6, loopDelay: { p99Ms: 3, maxMs: 9 } },
  }));

test('memory that rises and falls is steady, whatever it did in the first half', () => {
  const verdict = verdictOf(samplesWith([80, 120, 160, 200, 210, 205, 211, 204, 210, 206]), 200);
  expect(verdict).toMatchObject({ isSteady: true, isSmall: true, hasKeptUp: true });
  expect(verdict.text).toMatch(
    /^Memory over the last half \(1 to 1.7 minutes\): .+, steady .+ Most at any moment: 211 MB, within the aim of 250 MB\. 200 of 200 exports\/s were answered: it kept up\.$/,
  );
});

test('memory that grows by a tenth in the last half is growing', () => {
  const verdict = verdictOf(samplesWith([200, 200, 200, 200, 250, 255, 262, 268, 274, 280]), 250);
  expect(verdict).toMatchObject({ isSteady: false, isSmall: false, hasKeptUp: false });
  // 6.2 MB every ten seconds.
  expect(verdict.text).toContain('+2232.0 MB an hour, +9.3 % within that time, **growing**');
});

test('two samples have no half, and the slope is that of a straight line', () => {
  expect(() => verdictOf(samplesWith([100, 101]), 200)).toThrow('There are too few samples for a verdict; use more --minutes.');
  expect(
    slope([
      [0, 5],
      [10, 25],
      [20, 45],
    ]),
  ).toBe(2);
});

test('each part of the time has a row, with the most of what was seen in it', () => {
  const rows = partRows(samplesWith(Array.from({ length: 25 }, (_, index) => 100 + index)));
  expect(rows).toHaveLength(10);
  expect(rows[0]).toEqual(['0 to 0.3', '200', '2.00', '8.50', '21.0', '3.00', '101', '101', '0.50', '12.0', '1', '16']);
  expect(rows.at(-1)?.slice(0, 2)).toEqual(['3.7 to 4.2', '200']);
});

test('its section is put before the others once, and replaced from then on', () => {
  const page = '# Benchmarks\n\n## Repeat it\n\nso\n\n## Forecast accuracy\n\nwell\n';
  const first = withSoak(page, 'first $& run');
  expect(first).toBe('# Benchmarks\n\n## Repeat it\n\nso\n\n## Soak\n\nfirst $& run\n\n## Forecast accuracy\n\nwell\n');
  expect(soakOf(page)).toBe('');
  expect(soakOf(first)).toBe('## Soak\n\nfirst $& run\n\n');
  expect(withSoak(first, 'second')).toBe(first.replace('first $& run', 'second'));
  expect(() => withSoak('# Nothing\n', 'text')).toThrow('has no ## Forecast accuracy');
});

test('the plot has a panel for each unit, its lines within it, and colors for both kinds of pages', () => {
  const points = (values: readonly number[]) => values.map((value, index) => [index * 20, value] as const);
  const svg = chart('A < B', [
    { title: 'Memory, MB', lines: [{ name: 'RSS', points: points([0, 140, 131]) }] },
    {
      title: 'Latency, ms',
      lines: [
        { name: 'p50', points: points([1, 2, 3]) },
        { name: 'p99', points: points([4, 5, 6]) },
      ],
    },
  ]);
  expect(svg).toContain('<title>A &lt; B</title>');
  expect(svg).toContain('prefers-color-scheme: dark');
  // From the left edge to the right one; 0 at the bottom, 140 of 150 near the top.
  expect(svg).toContain('points="64,108 444,33.3 824,38.1"');
  expect(svg.match(/<polyline class="line[01]"/g)).toHaveLength(3);
  expect(svg).toMatch(/>40 min<\/text>/);
});

test('it ends by itself with a row for each part and a verdict, and leaves nothing behind', async () => {
  const env = { ...process.env, TMPDIR: folder };
  const flags = ['--minutes', '0.4', '--rate', '20', '--users', '20'];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SOAK, ...flags], { env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The soak ended with ${code}.\n${printed}`);
  expect(printed).toContain('## 20 exports/s for 0.4 minutes');
  expect(printed).toMatch(/^\| 0.3 to 0.5 +\| +\d+ \|/m);
  expect(printed).toMatch(/^Memory over the last half \(0.3 to 0.5 minutes\): .+ Most at any moment: \d+ MB/m);
  expect(printed).toMatch(/with 0 duplicates and 0 conflicts/);
  expect(readdirSync(folder)).toEqual([]);
  expect(readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8')).toBe(page);
});
