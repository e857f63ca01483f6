/** The habits that keep the project small and honest. Biome checks within a file (bin/check.mjs); this, what it cannot see. */
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from '@jest/globals';
import { read, sources } from './support/sources.ts';

const OWN = 'test/tidy.test.ts';
const code = sources('.ts', '.mjs');
const lines = (path: string): number => read(path).trimEnd().split('\n').length;

/** Every place in these files that the pattern matches, as "path:line: text". */
function places(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((text, index) => (pattern.test(text) ? [`${path}:${index + 1}: ${text.trim()}`] : [])),
  );
}

describe('size', () => {
  test('19 of 20 source files have at most 350 lines, and none has more than 700', () => {
    const paths = [...code, ...sources('.css', '.html')];
    const long = paths.filter((path) => lines(path) > 350);
    expect({ long, share: long.length / paths.length <= 0.05 }).toEqual({ long, share: true });
    expect(long.filter((path) => lines(path) > 700)).toEqual([]);
  });

  test('a rule of the linter that is switched off in place says why', () => {
    expect(
      places(
        code.filter((path) => path !== OWN),
        /biome-ignore(?!.*: \S+ \S+ \S+)/,
      ),
    ).toEqual([]);
    expect(
      places(
        code.filter((path) => path !== OWN),
        /@ts-(ignore|nocheck|expect-error)/,
      ),
    ).toEqual([]);
  });
});

describe('imports', () => {
  const imports = code.flatMap((from) =>
    [...read(from).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target = '']) => ({ from, to: join(dirname(from), target) })),
  );
  const offending = (rule: (from: string, to: string) => boolean): string[] =>
    imports.filter(({ from, to }) => rule(from, to)).map(({ from, to }) => `${from} imports ${to}`);
  test('are found', () => expect(imports.length).toBeGreaterThan(100));

  test('nothing that runs in production imports tests or tools', () => {
    expect(offending((from, to) => /^(collector|dashboards)\//.test(from) && !/^(collector|dashboards)\//.test(to))).toEqual([]);
  });
});

describe('words', () => {
  const others = code.filter((path) => path !== OWN);

  test('no work is left behind in a comment', () => {
    expect(places([...others, ...sources('.md', '.yaml', '.yml', '.css', '.html')], /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  /** A transport tells how long an exchange took, and the watch over spend how long a reading takes; neither decides anything by the hour. */
  const MEASURES_DURATIONS = /^collector\/(ingest\/otlp\/|budgets\/spend-watch\.ts)/;

  test('the domain is handed its time and its randomness', () => {
    const domain = others.filter(
      (path) => /^collector\/(core|catalog|config|ledger|pricing|budgets|alerts|query|ingest)\//.test(path) && !MEASURES_DURATIONS.test(path),
    );
    expect(places(domain, /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|Temporal\.Now/)).toEqual([]);
  });

  test('no test is focused, and none is switched off without its reason', () => {
    const tests = others.filter((path) => path.startsWith('test/'));
    const switched = places(tests, /\b(describe|test|it)\.(only|skip|todo)\b|\b(fdescribe|fit|xdescribe|xit|xtest)\(/);
    // The marker in the title is how `npm run verify` finds the reason (test/support/backends.ts).
    expect(switched.filter((place) => !/\.skip\(.*\$\{SKIPPED\}/.test(place))).toEqual([]);
  });

  test('no file knows the machine it was written on', () => {
    const texts = sources('.ts', '.mjs', '.md', '.yaml', '.yml', '.json', '.css', '.html', 'run').filter(
      (path) => !path.startsWith('test/fixtures/'),
    );
    expect(
      places(
        texts.filter((path) => path !== OWN),
        /(^|[\s"'`(=:])\/(home|root|work|Users)\/[\w.]/,
      ),
    ).toEqual([]);
  });
});

describe('package-lock.json', () => {
  interface LockedPackage {
    readonly resolved?: string;
    readonly integrity?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(read('package-lock.json')).packages;

  test('names no registry, so that any mirror serves it', () => {
    expect(Object.keys(locked).filter((path) => locked[path]?.resolved !== undefined)).toEqual([]);
  });

  test('holds the digest of every package', () => {
    expect(Object.keys(locked).filter((path) => path !== '' && locked[path]?.integrity === undefined)).toEqual([]);
  });

  /** `npm install` drops what its registry lacks without a word; `npm ci` then fails, here or on another system. */
  test('holds every optional dependency of every package', () => {
    const isLocked = (from: string, name: string): boolean => {
      const folders = from.split('/node_modules/').map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
      return [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].some((path) => path in locked);
    };
    const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).flatMap((name) => (isLocked(path, name) ? [] : [`${path} wants ${name}`])),
    );
    expect(missing).toEqual([]);
  });
});
