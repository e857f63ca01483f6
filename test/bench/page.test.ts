/** That the page keeps what other benches printed. */
import { expect, test } from '@jest/globals';
import { read } from '../support/sources.ts';
import { keptOf, type PageRun, pageOf } from './page.ts';
import { withSoak } from './soak/page.ts';

const PAGE = read('docs/benchmarks.md');
const run = (measured: string): PageRun => ({
  ...{
    report: { aims: `aims of ${measured}`, markdown: `tables of ${measured}` },
    about: ['- a machine'],
    seconds: 60,
    remark: `remark of ${measured}`,
  },
});
const headings = (page: string): string[] => page.match(/^## .+$/gm) ?? [];

test.each([
  ['## Forecast accuracy', PAGE.replace(/^## Soak\n[\s\S]*?(?=^## )/m, '')],
  ['## Soak', withSoak(PAGE, 'what a soak found')],
])('two writes leave everything from %s on byte for byte', (first, page) => {
  const kept = page.slice(page.indexOf(`\n${first}\n`) + 1);
  const twice = pageOf(pageOf(page, run('the first run')), run('the second run'));
  expect(twice.endsWith(`\n\n${kept}`)).toBe(true);
  expect(twice.length - kept.length).toBeLessThan(20_000);
  expect(twice).toContain(
    'remark of the second run\n\n## Aims\n\naims of the second run\n\ntables of the second run\n\n## The machine\n\n- a machine\n',
  );
  expect(twice).not.toContain('the first run');
  expect(headings(twice).slice(-headings(kept).length)).toEqual(headings(kept));
  expect(headings(twice).filter((heading) => heading === '## Repeat it')).toHaveLength(1);
});

test('no other bench is lost, such as those whose figures were added last', () => {
  expect(headings(keptOf(PAGE))).toEqual(
    expect.arrayContaining([
      '## Repricing',
      '## A ledger in PostgreSQL beside one in a file',
      '## Where the CPU time of an export goes',
      '## Start',
      '## Attacks',
    ]),
  );
});

test('a page without that part is not written', () => {
  expect(() => keptOf('# Benchmarks\n\n## Repeat it\n')).toThrow(
    'docs/benchmarks.md has neither ## Soak nor ## Forecast accuracy, from where on --write keeps what is there.',
  );
});
