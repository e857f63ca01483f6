/** The habits that keep the project small and honest. Biome checks within a file (bin/check.mjs); this, what it cannot see. */
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from '@jest/globals';
import { read, sources } from './support/sources.ts';

const OWN = 'test/tidy.test.ts';
const code = sources('.ts', '.mjs');
const lines = (path: string): number => read(path).trimEnd().split('\n').length;

/**
 * The architecture, top to bottom: a folder imports only folders below its own, and of them only the files that are their face. `*`: every
 * file is one idea and may be imported. CONTRIBUTING.md says what each folder owns.
 */
const TABLE: Readonly<Record<string, readonly string[] | '*'>> = {
  'collector/cli': ['main.ts', 'program.ts'],
  'collector/demo': ['demo.ts', 'budgets.ts'],
  'collector/app': ['collector.ts', 'import-findings.ts', 'import-words.ts', 'merge.ts', 'privacy.ts', 'shared-settings.ts', 'stored-directory.ts'],
  'collector/api': ['api.ts', 'health.ts', 'front/front.ts', 'front/guard.ts', 'front/health-only.ts', 'front/read-limit.ts', 'front/scrapes.ts'],
  'collector/mcp': ['mcp.ts'],
  dashboards: ['build.ts', 'alerts/files.ts', 'boards/index.ts'],
  'collector/exposition': [
    'families.ts',
    'ledger-text.ts',
    'scoped-expositions.ts',
    'self-help.ts',
    'self-telemetry.ts',
    'backfill/family-totals.ts',
    'backfill/first-scrape.ts',
    'backfill/history.ts',
    'backfill/openmetrics.ts',
    'backfill/post.ts',
    'backfill/remote-write.ts',
    'backfill/victoriametrics.ts',
  ],
  'collector/exports': [
    'exports.ts',
    'request.ts',
    'closed-month/signature.ts',
    'closed-month/verify.ts',
    'closed-month/write.ts',
    'scheduled/findings.ts',
    'scheduled/run.ts',
  ],
  'collector/query': '*',
  'collector/storage': ['open.ts', 'sqlite/backup.ts', 'sqlite/restore.ts'],
  'collector/guard': ['decide.ts', 'fresh.ts', 'hook.ts', 'limits.ts', 'more-link.ts', 'recent-spend.ts', 'sentences.ts'],
  'collector/gateway': ['apply.ts', 'client.ts', 'desired.ts', 'limits.ts', 'plan.ts', 'records.ts'],
  'collector/alerts': [
    'alert.ts',
    'costly-sessions.ts',
    'cron.ts',
    'due-digests.ts',
    'engine.ts',
    'message.ts',
    'outbox.ts',
    'rate-limits.ts',
    'request-link.ts',
    'request-message.ts',
    'request-notifier.ts',
    'routing.ts',
    'sample-message.ts',
    'text.ts',
    'anomalies/detect.ts',
    'anomalies/robust-statistics.ts',
    'channels/channels.ts',
    'channels/text.ts',
  ],
  'collector/imports': [
    'statement-line.ts',
    'statements.ts',
    'days.ts',
    'due.ts',
    'findings.ts',
    'history/adjustments.ts',
    'history/amounts.ts',
    'history/plan.ts',
    'history/rows.ts',
    'history/statement-lines.ts',
    'names.ts',
    'run.ts',
    'sources.ts',
    'totals.ts',
    'world.ts',
    'transcripts/collect.ts',
    'transcripts/price.ts',
    'transcripts/repository.ts',
    'transcripts/roots.ts',
    'transcripts/scan.ts',
    'transcripts/send.ts',
    'transcripts/state.ts',
  ],
  'collector/ingest': [
    'pipeline.ts',
    'reprice.ts',
    'api-spans/ingest.ts',
    'attribution/attribution.ts',
    'attribution/job.ts',
    'attribution/join-keys.ts',
    'attribution/overruled.ts',
    'attribution/pseudonym.ts',
    'attribution/realm.ts',
    'attribution/repository-name.ts',
    'attribution/veil.ts',
    'claude-code/interpret.ts',
    'claude-code/model-names.ts',
    'otlp/observer.ts',
    'otlp/receiver.ts',
    'refusals/refusal-file.ts',
    'refusals/register.ts',
    'refusals/shared-refusals.ts',
  ],
  'collector/directory': '*',
  'collector/budgets': [
    'journal.ts',
    'change.ts',
    'contributors.ts',
    'evaluate.ts',
    'hard-limit.ts',
    'history.ts',
    'people.ts',
    'period.ts',
    'request-change.ts',
    'request-status.ts',
    'request.ts',
    'scope.ts',
    'spend-watch.ts',
    'status.ts',
    'unknown-scopes.ts',
  ],
  'collector/server': [
    'access.ts',
    'address.ts',
    'auth.ts',
    'connections.ts',
    'cookies.ts',
    'host-names.ts',
    'http-server.ts',
    'listener.ts',
    'loopback.ts',
    'private-sockets.ts',
    'reader-gate.ts',
    'reader-scope.ts',
    'sealed.ts',
    'sign-in.ts',
    'signed-link.ts',
    'tls.ts',
    'wrong-tokens.ts',
  ],
  'collector/pricing': [
    'differences.ts',
    'learn/learner.ts',
    'learn/learnt-file.ts',
    'learn/merge-learnt.ts',
    'litellm.ts',
    'load.ts',
    'modifiers.ts',
    'own-file.ts',
    'price-book.ts',
    'retirements.ts',
    'terms.ts',
    'tokens.ts',
    'explain/explain.ts',
    'explain/request.ts',
  ],
  'collector/ledger': '*',
  'collector/config': '*',
  'collector/catalog': '*',
  'collector/core': '*',
};
const FOLDERS = Object.keys(TABLE);

/** The folder of the table that a file stands in. */
const folderOf = (path: string): string | undefined => FOLDERS.find((name) => path.startsWith(`${name}/`));
const isBelow = (folder: string, other: string): boolean => FOLDERS.indexOf(other) > FOLDERS.indexOf(folder);

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
  const production = code.filter((path) => /^(collector|dashboards)\//.test(path));
  const imports = production.flatMap((from) =>
    [...read(from).matchAll(/(?:from|import\(|new URL\()\s*'(\.[^']+)'/g)].map(([, target = '']) => ({ from, to: join(dirname(from), target) })),
  );
  const offending = (rule: (from: string, to: string) => boolean): string[] =>
    imports.filter(({ from, to }) => rule(from, to)).map(({ from, to }) => `${from} imports ${to}`);

  test('are found', () => expect(imports.length).toBeGreaterThan(1000));

  test('every file stands in a folder of the table', () => {
    expect(production.filter((path) => folderOf(path) === undefined)).toEqual([]);
  });

  /** Imports from one folder of the table to another. */
  const crossing = imports.flatMap(({ from, to }) => {
    const [folder, other] = [folderOf(from), folderOf(to)];
    return folder === undefined || other === undefined || folder === other ? [] : [{ from, to, folder, other }];
  });

  test('a folder imports only folders that stand below it in the table', () => {
    expect(crossing.filter(({ folder, other }) => !isBelow(folder, other)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test("a folder's face is its only door", () => {
    const isDoor = (to: string, other: string): boolean => {
      const face = TABLE[other] ?? [];
      return face === '*' || face.includes(to.slice(other.length + 1));
    };
    expect(crossing.filter(({ to, other }) => !isDoor(to, other)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('a face names no file that nobody outside imports', () => {
    const entered = new Set([...crossing.map(({ to }) => to), 'collector/cli/main.ts', 'collector/cli/program.ts']);
    const named = FOLDERS.flatMap((folder) => {
      const face = TABLE[folder] ?? [];
      return face === '*' ? [] : face.map((file) => `${folder}/${file}`);
    });
    expect(named.filter((path) => !entered.has(path))).toEqual([]);
  });

  test('what is made up for the demonstration knows only the domain', () => {
    const allowed = ['collector/core', 'collector/catalog', 'collector/config'];
    expect(crossing.filter(({ folder, other }) => folder === 'collector/demo' && !allowed.includes(other)).map(({ from }) => from)).toEqual([]);
  });

  test('a store is opened by the wiring and the commands alone', () => {
    const opens = (from: string): boolean => /^collector\/(app|cli|storage)\//.test(from);
    expect(offending((from, to) => to.startsWith('collector/storage/') && !opens(from))).toEqual([]);
  });

  test('nothing that runs in production imports tests or tools', () => {
    expect(offending((_, to) => !/^(collector|dashboards|package\.json)/.test(to))).toEqual([]);
  });

  test('every module that the web page runs is served to it', () => {
    const runs = (from: string): string[] =>
      [...read(from).matchAll(/^import (?!type )[^;]*?from '(\.[^']+)'/gm)].map(([, target = '']) => join(dirname(from), target));
    const served = [...read('collector/api/page.ts').matchAll(/'(collector\/[^']+\.ts)'/g)].map(([, path = '']) => path);
    const web = production.filter((path) => path.startsWith('dashboards/web/'));
    const wanted = [...web, ...served].flatMap(runs).filter((path) => !path.startsWith('dashboards/web/'));
    expect([...new Set(wanted)].sort()).toEqual(served.toSorted());
  });

  test('no file imports itself through others', () => {
    const targets = Map.groupBy(imports, ({ from }) => from);
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, above: readonly string[]): void => {
      if (above.includes(path)) circles.push([...above.slice(above.indexOf(path)), path].join(' > '));
      if (done.has(path)) return;
      done.add(path);
      for (const { to } of targets.get(path) ?? []) visit(to, [...above, path]);
    };
    for (const path of production) visit(path, []);
    expect(circles).toEqual([]);
  });

  test('the map in CONTRIBUTING.md names the folders of the table in its order', () => {
    const map = read('CONTRIBUTING.md').split('## Map')[1]?.split('\n## ')[0] ?? '';
    const named = [...map.matchAll(/^\| `((?:collector\/\w+|dashboards))\/`/gm)].map(([, name]) => name);
    expect(named).toEqual(FOLDERS);
  });
});

describe('one of each', () => {
  const production = code.filter((path) => /^(collector|dashboards)\//.test(path));

  test('durations are counted in the constants of core/duration.ts', () => {
    const others = production.filter((path) => path !== 'collector/core/duration.ts');
    const own = /\b(3_600_000|86_400_000|60 \* 60|24 \* 60|60 \* 1_?000)\b|const (SECOND|MINUTE|HOUR|DAY)_MS\b/;
    expect(places(others, own)).toEqual([]);
  });

  test('every export is imported by a file that is no test, or used in its own', () => {
    const users = code.filter((path) => /^(collector|dashboards|bin)\//.test(path));
    const named = /(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)'|\{([^{}]*)\} = await import\('(\.[^']+)'\)/g;
    const picked = /\(await import\('(\.[^']+)'\)\)\.(\w+)/g;
    const pickedNames = users.flatMap((from) =>
      [...read(from).matchAll(picked)].map(([, target = '', name]) => `${join(dirname(from), target)}: ${name}`),
    );
    const imported = new Set([
      ...pickedNames,
      ...users.flatMap((from) =>
        [...read(from).matchAll(named)].flatMap(([, names, target, awaited, module]) =>
          (names ?? awaited ?? '').split(',').map((name) => {
            const [first = ''] = name
              .trim()
              .replace(/^type /, '')
              .split(/ as |:/);
            return `${join(dirname(from), target ?? module ?? '')}: ${first}`;
          }),
        ),
      ),
    ]);
    const declared = /^export (?:async )?(?:const|let|function\*?|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;
    const usedHere = (text: string, name: string): boolean => (text.match(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g')) ?? []).length > 1;
    const dead = production.flatMap((path) => {
      const text = read(path)
        .replaceAll('...', ' ')
        .replaceAll(/\/\*\*.*?\*\//gs, '');
      return [...text.matchAll(declared)]
        .map(([, name = '']) => name)
        .filter((name) => !imported.has(`${path}: ${name}`) && !usedHere(text, name))
        .map((name) => `${path}: ${name}`);
    });
    expect(dead).toEqual([]);
  });

  test('a cache is lru-cache or core/bounded-map.ts, never a Map that somebody clears', () => {
    const others = production.filter((path) => path !== 'collector/core/bounded-map.ts');
    expect(places(others, /\.size >=? .*\.(clear|delete)\(/)).toEqual([]);
  });
});

describe('words', () => {
  const others = code.filter((path) => path !== OWN);

  test('no work is left behind in a comment', () => {
    expect(places([...others, ...sources('.md', '.yaml', '.yml', '.css', '.html')], /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  /** They measure how long an exchange or a reading took; none decides anything by the hour. */
  const MEASURES_DURATIONS = /^collector\/(ingest\/otlp\/|budgets\/spend-watch\.ts|query\/boards\/answer\.ts)/;

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

/** A test that knows how long something takes fails on a machine that takes longer. */
describe('tests wait for what they mean', () => {
  const paths = code.filter((path) => path.startsWith('test/') && path !== OWN);
  /** Benchmarks measure durations; no test judges them. */
  const timed = paths.filter((path) => !path.startsWith('test/bench/'));

  const MAY_PAUSE: Readonly<Record<string, string>> = {
    'test/support/wait.ts': 'the pause between two looks',
    'test/support/backends-run.ts': 'how long a server may take to end before it is killed',
    'test/support/postgres-server.ts': 'the same',
    'test/faults/load.ts': 'senders rest at random, so that a fault meets every state',
    'test/faults/storm.ts': 'kills come at random moments',
    'test/faults/kill.test.ts': 'kills come at random moments',
    'test/faults/replica-storm.ts': 'kills come at random moments',
    'test/faults/replicas.ts': 'the pause before a collector that could not start is started again',
    'test/faults/collector-child.ts': 'the pause between two looks for what can be added up',
    'test/bin/launcher.test.ts': 'a script that waits for a second signal, which must not come',
  };
  const PAUSE = /timers\/promises|\bsetTimeout\(|\bwaitForTimeout\(|Atomics\.wait\(|['"`]sleep /;

  test('and none sleeps a fixed time', () => {
    const pausing = timed.filter((path) => places([path], PAUSE).length > 0);
    expect(pausing.sort()).toEqual(Object.keys(MAY_PAUSE).sort());
  });

  test('and none compares wall-clock time', () => {
    const stopwatch = /\bperformance\.now\b|\bhrtime\b|console\.time/;
    const compared = /Date\.now\(\)[^,;]*(?:[^=]>|<)=?\s|(?:[^=]>|<)=?\s[^,;]*Date\.now\(\)|expect\([^;]*Date\.now\(\)/;
    const judged = timed.filter((path) => path !== 'test/support/wait.ts');
    expect([...places(judged, stopwatch), ...places(judged, compared)]).toEqual([]);
  });

  test('and none gives a case less time than jest.config.mjs does', () => {
    expect(places(paths, /^\s*\}, (?:[1-9]\d?_000|1\d\d_000)\);$/)).toEqual([]);
  });

  test('and none leaves an exit code or a folder to the tests after it', () => {
    const judged = paths.filter((path) => path !== 'test/cli/command.ts' && !path.startsWith('test/bench/'));
    expect(places(judged, /process\.exitCode = |process\.chdir\(/)).toEqual([]);
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
