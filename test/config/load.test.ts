import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../collector/config/config.ts';
import { type ConfigSources, loadConfig } from '../../collector/config/load.ts';
import { configJsonSchema, environmentKeys } from '../../collector/config/schema-keys.ts';
import { ALERT_MISTAKES } from './alert-mistakes.ts';
import { BUDGET_MISTAKES } from './budget-mistakes.ts';
import { GUARD_MISTAKES } from './guard-mistakes.ts';
import { SCOPE_MISTAKES } from './scope-mistakes.ts';

const TESTDATA = 'test/config/testdata';
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The message, with the folder of the file left out. */
function messageOf(sources: ConfigSources, place = ''): string {
  try {
    loadConfig(sources);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(place, '');
  }
  return '(no error)';
}

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(folder, 'f-')), 'ledgerline.yaml');
  writeFileSync(file, text);
  return file;
}

/** File, then what is said about it: everything behind the file's name, one line for each mistake. */
const MISTAKES: readonly (readonly [string, ...string[]])[] = [
  ...ALERT_MISTAKES,
  ...BUDGET_MISTAKES,
  ['amount-is-no-amount.yaml', ':3:17 budgets[0].amount_usd: must be an amount in USD as a decimal string, such as "500.00", not "500 USD"'],
  [
    'amount-missing.yaml',
    ':2:5 budgets[0].amount_usd: missing; add it, such as amount_usd: "500.00", or tokens: { amount: 1000000, classes: [input, output] }',
  ],
  ['amount-without-quotes.yaml', ':3:17 budgets[0].amount_usd: must be text, not the number 500; put it in quotes'],
  ['budget-name-twice.yaml', ':4:11 budgets[1].name: "all" is already the name of budgets[0]; choose another'],
  ['budget-name-with-space.yaml', ':2:11 budgets[0].name: must be lower-case letters, digits, - and _, not "All of us"'],
  [
    'file-is-folder.yaml',
    ':2:19 attribution.directory_file: cannot read "test/config": it is a folder, not a file; correct the name, or put the file there',
  ],
  [
    'identity-source-unknown.yaml',
    ':2:17 attribution.user[1]: must be one of gateway, email, account, token, attribute, user_id, not "acount"; did you mean "account"?',
  ],
  ['insecure-is-text.yaml', ':2:13 server.insecure: must be true or false, not "yes"'],
  ['key-twice.yaml', ':2:1: this key is already given above; keep one of them'],
  ['limit-is-zero.yaml', ':2:15 limits.body_bytes: must be a whole number of at least 1, not 0'],
  ['list-expected.yaml', ':2:3 budgets: must be a list of maps, not a map'],
  ['map-expected.yaml', ':1:9 server: must be a map of keys and values, not 8484'],
  ['not-a-map.yaml', ':1:1: must be a map of keys and values, such as "timezone: Europe/Berlin"'],
  ['not-yaml.yaml', ':3:1: this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  [
    'period-misspelt.yaml',
    ':3:13 budgets[0].period: must be one of day, week, month, quarter, year, or a map of rolling_days, or a map of from and to, not "moth"; did you mean "month"?',
  ],
  ['port-is-text.yaml', ':2:13 server.api_port: must be a whole number from 0 to 65535, not "eighty"'],
  ['port-too-large.yaml', ':2:19 server.otlp_http_port: must be a whole number from 0 to 65535, not 70000'],
  ['threshold-above-one.yaml', ':4:24 budgets[0].warning_threshold: must be a number above 0 and at most 10, not 80'],
  ['timezone-unknown.yaml', ':1:11 timezone: must be an IANA time zone such as "Europe/Berlin" or "UTC", not "Europe/Bern"'],
  [
    'token-file-missing.yaml',
    ':4:19 auth.tokens[0].token_file: cannot read "no-such-folder/token": there is no such file; correct the name, or put the file there',
  ],
  ['token-instead-of-its-hash.yaml', ':4:15 auth.tokens[0].sha256: must be the SHA-256 of the token, 64 hex digits (`ledgerline token hash`)'],
  ...GUARD_MISTAKES,
  ...SCOPE_MISTAKES,
  ['certificates-without-ca.yaml', ':2:3 auth.certificates: needs server.tls.client_ca_file, the CA that signed these certificates'],
  ['token-without-secret.yaml', ':3:7 auth.tokens[0]: needs exactly one of sha256 and token_file'],
  ['two-documents.yaml', ':3:1: a second document begins here, and a file may have only one; remove the "---" or "..." before it'],
  [
    'two-mistakes.yaml',
    ':2:13 week_start: must be one of monday, sunday, saturday, not "tuesday"',
    ':1:14 log.level: must be one of error, warn, info, debug, not "loud"',
  ],
  ['unknown-key-far-from-any.yaml', ':3:5 server.tls.cipher_suites: unknown key; known here: cert_file, key_file, client_ca_file'],
  ['unknown-key.yaml', ':4:5 budgets[0].perriod: unknown key; did you mean "period"?'],
  ['unknown-scope.yaml', ':3:13 budgets[0].scope.teem: unknown key; did you mean "team"?'],
  ['unknown-section.yaml', ':1:1 serverr: unknown key; did you mean "server"?'],
  ['value-empty.yaml', ':1:6 data: must be text, not empty'],
];

describe('a mistake in ledgerline.yaml is told with its line, its column, the key, the value and the remedy', () => {
  test.each(MISTAKES)('%s', (name, ...lines) => {
    const message = messageOf({ file: `${TESTDATA}/${name}`, env: {} }, `${TESTDATA}/`);
    expect(message).toBe(lines.map((line) => name + line).join('\n'));
  });

  test('every file of the folder has its expectation', () => {
    expect(readdirSync(TESTDATA).sort()).toEqual(MISTAKES.map(([name]) => name).sort());
  });

  test.each(['latin1', 'utf16le'] as const)('a file in another encoding: %s', (encoding) => {
    const file = join(folder, `${encoding}.yaml`);
    writeFileSync(file, Buffer.from('\uFEFFtimezone: UTC\norganization: Müller\n'.slice(encoding === 'latin1' ? 1 : 0), encoding));
    const line = { latin1: 2, utf16le: 1 }[encoding];
    expect(messageOf({ file, env: {} }, folder)).toBe(
      `/${encoding}.yaml:${line}: the file is not in UTF-8; save it in that encoding (in Excel as "CSV UTF-8")`,
    );
  });

  test('a file that --config names and that is not there', () => {
    const file = join(folder, 'nowhere.yaml');
    expect(messageOf({ file, env: {} }, folder)).toBe(
      '/nowhere.yaml: there is no such file; give the configuration with --config FILE, or leave it out to use the defaults',
    );
  });
});

describe('every key can be set in the environment', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a number', { LEDGERLINE_SERVER_API_PORT: 'eighty' }, 'LEDGERLINE_SERVER_API_PORT: must be a whole number from 0 to 65535, not "eighty"'],
    ['a boolean', { LEDGERLINE_SERVER_INSECURE: 'yes' }, 'LEDGERLINE_SERVER_INSECURE: must be true or false, not "yes"'],
    ['a time zone', { LEDGERLINE_TIMEZONE: 'Mars' }, 'LEDGERLINE_TIMEZONE: must be an IANA time zone such as "Europe/Berlin" or "UTC", not "Mars"'],
    [
      'an offset at which no day begins on a quarter of an hour',
      { LEDGERLINE_TIMEZONE: '+05:37' },
      'LEDGERLINE_TIMEZONE: must be an IANA time zone such as "Europe/Berlin" or "UTC", not "+05:37"',
    ],
    [
      'a list that is no JSON',
      { LEDGERLINE_BUDGETS: 'all' },
      'LEDGERLINE_BUDGETS: the value ("all") is not JSON; write a list such as \'["a","b"]\'',
    ],
    [
      'a list that may hold secrets',
      { LEDGERLINE_AUTH_TOKENS: 'hunter2' },
      'LEDGERLINE_AUTH_TOKENS: the value is not JSON; write a list such as \'["a","b"]\'',
    ],
    [
      'a key inside a list',
      { LEDGERLINE_BUDGETS: '[{"name":"all","perriod":"day","amount_usd":"1"}]' },
      'LEDGERLINE_BUDGETS budgets[0].perriod: unknown key; did you mean "period"?',
    ],
    ['a folder that is nowhere', { LEDGERLINE_DATA: '' }, 'LEDGERLINE_DATA: must not be empty'],
    ['an address that is none, and would be all of them', { LEDGERLINE_SERVER_HOST: '' }, 'LEDGERLINE_SERVER_HOST: must not be empty'],
    ['a misspelt variable', { LEDGERLINE_TIMEZON: 'UTC' }, 'LEDGERLINE_TIMEZON: unknown variable; did you mean LEDGERLINE_TIMEZONE?'],
    [
      'a port by another name',
      { LEDGERLINE_API_PORT: '9000' },
      'LEDGERLINE_API_PORT: unknown variable; unset it; `ledgerline config schema` lists the keys',
    ],
    ['a variable like no other', { LEDGERLINE_X: '1' }, 'LEDGERLINE_X: unknown variable; unset it; `ledgerline config schema` lists the keys'],
    [
      'a secret file that is not there',
      { LEDGERLINE_ATTRIBUTION_PSEUDONYM_KEY_FILE: 'no-such-file' },
      'LEDGERLINE_ATTRIBUTION_PSEUDONYM_KEY_FILE: cannot read "no-such-file": there is no such file; correct the name, or put the file there',
    ],
  ])('%s: the error names the variable', (_, env, message) => expect(messageOf({ env })).toBe(message));

  test('scalars as text, lists and maps as JSON', () => {
    const config = loadConfig({
      env: {
        LEDGERLINE_SERVER_API_PORT: '0',
        LEDGERLINE_SERVER_INSECURE: 'true',
        LEDGERLINE_ATTRIBUTION_USER: '["email"]',
        LEDGERLINE_MODELS_ALIASES: '{"my-deployment":"claude-opus-5-5"}',
        PATH: '/bin',
      },
    });
    expect(config.server).toMatchObject({ api_port: 0, insecure: true });
    expect(config.attribution.user).toEqual(['email']);
    expect(config.models.aliases).toEqual({ 'my-deployment': 'claude-opus-5-5' });
  });

  test('no two keys share a variable', () => {
    const names = environmentKeys().map((key) => key.variable);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('LEDGERLINE_SERVER_TLS_CERT_FILE');
  });
});

describe('what is in force', () => {
  test('nothing given: the defaults', () => expect(loadConfig({ env: {} })).toEqual(defaultConfig()));

  test('flags win over the environment, the environment over the file, the file over defaults', () => {
    const file = fileWith('timezone: Europe/Berlin\nserver:\n  api_port: 1\n  metrics_port: 1\n  otlp_http_port: 1\n');
    const env = { LEDGERLINE_SERVER_API_PORT: '2', LEDGERLINE_SERVER_METRICS_PORT: '2' };
    const config = loadConfig({ file, env, flags: { '--api-port': '3' } });
    expect(config.timezone).toBe('Europe/Berlin');
    expect(config.server).toMatchObject({ api_port: 3, metrics_port: 2, otlp_http_port: 1, otlp_grpc_port: 4317 });
  });

  test('a flag does not hide that its section in the file is no map', () => {
    const file = fileWith('server: [1]\n');
    expect(messageOf({ file, env: {}, flags: { '--api-port': '0' } }, file)).toBe(':1:9 server: must be a map of keys and values, not a list');
  });

  test('a mistake in a flag names the flag', () => {
    expect(messageOf({ env: {}, flags: { '--api-port': 'x' } })).toBe('--api-port: must be a whole number from 0 to 65535, not "x"');
  });

  test('LEDGERLINE_CONFIG names the file, --config wins over it', () => {
    const env = { LEDGERLINE_CONFIG: fileWith('timezone: Asia/Tokyo\n') };
    expect(loadConfig({ env }).timezone).toBe('Asia/Tokyo');
    expect(loadConfig({ file: fileWith('week_start: sunday\n'), env })).toMatchObject({ timezone: 'UTC', week_start: 'sunday' });
  });

  test.each([
    ['LEDGERLINE_CONFIG', { env: { LEDGERLINE_CONFIG: '' } }],
    ['--config', { file: '', env: { LEDGERLINE_CONFIG: 'other.yaml' } }],
  ])('an empty %s names no file, and is not taken for the defaults', (origin, sources) => {
    const remedy = `name the file, or leave ${origin} out for ./ledgerline.yaml or, without one, the defaults`;
    expect(messageOf(sources)).toBe(`${origin}: must be the name of a file, not empty; ${remedy}`);
  });

  test('a section with all its keys commented out is empty', () => {
    expect(loadConfig({ file: fileWith('server:\n#  api_port: 1\nbudgets:\n'), env: {} })).toEqual(defaultConfig());
  });

  test('what Kubernetes says of a Service that is called ledgerline is no key', () => {
    const env = {
      LEDGERLINE_SERVICE_HOST: '10.0.0.7',
      LEDGERLINE_SERVICE_PORT_OTLP: '4318',
      LEDGERLINE_PORT: 'tcp://10.0.0.7:4318',
      LEDGERLINE_OTLP_PORT_4318_TCP: 'tcp://10.0.0.7:4318',
      LEDGERLINE_OTLP_PORT_4318_TCP_ADDR: '10.0.0.7',
    };
    expect(loadConfig({ env })).toEqual(defaultConfig());
  });

  test('files and folders in ledgerline.yaml are looked for beside it', () => {
    const file = fileWith(
      'data: store\nauth: {tokens: [{name: a, token_file: secrets/a}]}\ndirectory: {feeds: [{type: csv, name: hr, file: hr.csv}]}\n',
    );
    mkdirSync(join(file, '../secrets'));
    writeFileSync(join(file, '../hr.csv'), 'user,team\n');
    writeFileSync(join(file, '../secrets/a'), 'the-token');
    const config = loadConfig({ file, env: {} });
    expect(config.data).toBe(join(file, '../store'));
    expect(config.auth.tokens[0]?.token_file).toBe(join(file, '../secrets/a'));
    expect(config.directory.feeds[0]).toMatchObject({ file: join(file, '../hr.csv') });
    expect(loadConfig({ file, env: { LEDGERLINE_DATA: 'elsewhere' } }).data).toBe('elsewhere');
  });
});

test('the schema for editors is the one in schema/', () => {
  expect(JSON.parse(readFileSync('schema/ledgerline.schema.json', 'utf8'))).toEqual(configJsonSchema());
});
