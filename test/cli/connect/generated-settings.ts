/** Settings as users write them by hand: any order, any layout, with some of the keys that Ledgerline writes. */
import type { Random } from '../../support/random.ts';

const WORDS = ['model', 'theme', 'permissions', 'cleanupPeriodDays', 'a "quoted" key', 'schlüssel', '', 'constructor', 'x\\y', '1'];
const VALUES = [
  'opus',
  '',
  'with "quotes" and \\ and {[,:]}',
  '// no comment',
  1,
  -1.5e10,
  true,
  false,
  null,
  [],
  {},
  [1, [2, {}]],
  { deep: { er: ['x'] } },
];
const VARIABLES = [
  'PATH_EXTRA',
  'OTEL_METRICS_EXPORTER',
  'CLAUDE_CODE_ENABLE_TELEMETRY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'LEDGERLINE_GUARD_ON_FAILURE',
];
const VARIABLE_VALUES = ['1', '0', 'otlp', 'console', 'x-scope=1', 'Authorization=Bearer other', 'open'];
const EVENTS = ['UserPromptSubmit', 'PreToolUse', 'SessionStart', 'Stop'];

const entry = (random: Random): object => ({
  ...(random.chance(0.5) && { matcher: random.pick(['*', 'Bash']) }),
  hooks: Array.from({ length: random.below(3) }, () => ({ type: 'command', command: random.pick(['echo hi', 'guard.sh', 'mine --x']) })),
});

const some = <Value>(random: Random, names: readonly string[], value: () => Value): Record<string, Value> =>
  Object.fromEntries(
    random
      .shuffle(names)
      .slice(0, random.below(names.length + 1))
      .map((name) => [name, value()]),
  );

export function settingsObject(random: Random): Record<string, unknown> {
  const members: [string, unknown][] = Object.entries(some(random, WORDS, () => random.pick(VALUES)));
  if (random.chance(0.6)) members.push(['env', some(random, VARIABLES, () => random.pick(VARIABLE_VALUES))]);
  if (random.chance(0.6)) members.push(['hooks', some(random, EVENTS, () => Array.from({ length: random.below(3) }, () => entry(random)))]);
  if (random.chance(0.3)) members.push(['statusLine', { type: 'command', command: 'my-status' }]);
  return Object.fromEntries(random.shuffle(members));
}

/** The same value with white space wherever JSON lets it be. */
function loose(value: unknown, random: Random): string {
  const space = (): string => random.pick(['', '', ' ', '\n', '\t', '  \n ', '\r\n']);
  const list = (open: string, items: readonly string[], close: string): string =>
    `${open}${space()}${items.map((item) => `${item}${space()}`).join(`,${space()}`)}${close}`;
  if (Array.isArray(value))
    return list(
      '[',
      value.map((one) => loose(one, random)),
      ']',
    );
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return list(
    '{',
    Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}${space()}:${space()}${loose(one, random)}`),
    '}',
  );
}

export function settingsText(random: Random, value = settingsObject(random)): string {
  if (random.chance(0.3)) return loose(value, random);
  const text = JSON.stringify(value, null, random.pick(['', '  ', '    ', '\t'])) + random.pick(['', '\n', '\n\n']);
  return random.chance(0.2) ? text.replaceAll('\n', '\r\n') : text;
}
