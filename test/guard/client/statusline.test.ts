/** The status line when its input, the collector or its cache is not as it should be: it comes at once, exits with 0, and lets nothing through. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../support/wait.ts';
import { type StandIn, standIn } from './stand-in.ts';
import {
  answerOf,
  budget,
  type Drawn,
  draw,
  drawBytes,
  inputOf,
  LIMITS,
  removeScript,
  SESSION,
  StatuslineCache,
  SURROUNDINGS,
} from './statusline.ts';

const PLAIN = 'Opus 5.5 | $1.23 session | 9 % context\n';
const FULL = 'Opus 5.5 | $1.23 session / $12.30 today / platform $412.50 left (<1m ago) | 9 % context\n';

let collector: StandIn;
beforeAll(async () => {
  collector = await standIn();
});
afterAll(async () => {
  await collector.stop();
  removeScript();
});
let cache: StatuslineCache;
let env: Record<string, string>;
let tests = 0;
beforeEach(() => {
  cache = new StatuslineCache();
  env = { NO_COLOR: '1', LEDGERLINE_URL: `${collector.url}/${++tests}`, LEDGERLINE_TOKEN: 'll_token', LEDGERLINE_CACHE_DIR: cache.folder };
  collector.reply = { body: answerOf() };
});
afterEach(() => {
  collector.release();
  cache.remove();
});

const line = async (input = inputOf(), drawn: Drawn = {}): Promise<string> => {
  const { out, err, code } = await draw(input, { ...drawn, env: { ...env, ...drawn.env } });
  expect([err, code]).toEqual(['', 0]);
  return out;
};
/** Of this test alone: one before may have left a question under way. */
const questions = (): number => collector.requests.filter(({ url }) => url?.startsWith(`/${tests}/`)).length;
const arrived = (count: number): Promise<unknown> => waitFor(`${count} questions`, () => questions() >= count);

describe.each(SURROUNDINGS)('in %s', (_, inside) => {
  const own = { ...inside, env: { LEDGERLINE_URL: '' } };

  test.each([
    ['nothing', ''],
    ['a space', ' \n'],
    ['no JSON', 'hello'],
    ['the first half', inputOf().slice(0, 700)],
    ['all but the last brace', inputOf().slice(0, -1)],
    ['two texts', `${inputOf()}${inputOf()}`],
    ['a list', `[${inputOf()}]`],
    ['a string', '"model"'],
    ['a comma too many', inputOf().replace('{', '{,')],
    ['a value without a key', inputOf().replace('{', '{"x",')],
    ['a wrong bracket', inputOf().replace(']', '}')],
    ['a bare word', inputOf().replace('false', 'False')],
    ['a number that is none', inputOf().replace('238', '0x238')],
    ['far too deep', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`],
    ['no end of numbers', `{"a":[${'1,'.repeat(50_000)}1]}`],
    ['no end of backslashes', `{"a":"${'\\'.repeat(1_000_000)}`],
  ])('prints nothing for %s', async (_name, input) => {
    expect(await line(input, own)).toBe('');
  });

  test('reads a megabyte, whatever it is made of', async () => {
    const long = { prose: 'x'.repeat(400_000), quotes: '"'.repeat(100_000), slashes: '\\'.repeat(400), spaces: ' '.repeat(100_000) };
    const folders = Array.from({ length: 3000 }, (_each, at) => `/srv/some folder/"${at}"`);
    expect(await line(inputOf({ ...long, workspace: { added_dirs: folders } }).replace('{', `{${' '.repeat(100_000)}`), own)).toBe(PLAIN);
  });

  test('is not confused by keys in other places', async () => {
    const fake = { model: { display_name: 'Fake' }, cost: { total_cost_usd: 99 } };
    const hostile = {
      aaa: { ...fake, inner: [fake, JSON.stringify(fake)] },
      'model.display_name': 'Fake',
      'cost.total_cost_usd': 99,
      session_name: '","model":{"display_name":"Fake"},"cost":{"total_cost_usd":99},"x":"\\',
    };
    const text = inputOf();
    expect(await line(`${JSON.stringify({ ...hostile }).slice(0, -1)},${text.slice(1, -1)},${JSON.stringify(fake).slice(1)}`, own)).toBe(PLAIN);
    expect(await line(JSON.stringify(JSON.parse(text), null, '\t'), own)).toBe(PLAIN);
  });

  test('takes no string for a number, and none that cannot be', async () => {
    const cost = (text: string): string => inputOf().replace('1.2345', text);
    expect(await line(cost('"9"'), own)).toBe('Opus 5.5 | 9 % context\n');
    expect(await line(cost('1e999'), own)).toBe('Opus 5.5 | 9 % context\n');
    expect(await line(cost('12345e-4'), own)).toBe(PLAIN);
    expect(await line(cost('null'), own)).toBe('Opus 5.5 | 9 % context\n');
  });

  test.each<[string, string, string]>([
    ['escapes of a terminal', '\\u001b[31mRed\\u001b]0;title\\u0007', '[31mRed ]0;title'],
    ['raw escapes', '\x1b[31mRed\x9b31m\x07', '[31mRed31m'],
    ['lines', 'one\\ntwo\\r\\nthree\\tfour', 'one two three four'],
    ['raw lines', 'one\ntwo\rthree', 'one two three'],
    ['controls of eight bits', 'a\\u009b31mb\u0085c', 'a31mbc'],
    ['marks of direction', 'a\\u202eb\u2066c\\u200bd\ufeff', 'abcd'],
    ['tags', 'a\u{e0041}b\\udb40\\udc41c', 'abc'],
    ['half a pair', 'a\\ud83db\\ude00c\\ud83d\\ud83d', 'abc'],
    ['escapes that are none', 'a\\u00zzb\\qc', 'a b c'],
    ['letters by number', '\\u00e9\\u7814\\ud83d\\ude80', 'é研🚀'],
    ['letters as they are', 'é研🚀"\\\\'.replace('"', '\\"'), 'é研🚀"\\'],
    ['words of awk and sh', '$(id) `id` %s %d & \\\\& \\\\0', '$(id) `id` %s %d & \\& \\0'],
    ['fields', '{session} | {today}', '{session} | {today}'],
  ])('makes %s harmless', async (_name, given, shown) => {
    const text = inputOf({ model: { display_name: 'NAME' } }).replace('NAME', () => given);
    expect(await line(text, { ...own, args: ['--format', '{model}'] })).toBe(`${shown}\n`);
  });

  test('lets no bytes through that are not UTF-8', async () => {
    const [before = '', after = ''] = inputOf({ model: { display_name: 'NAME' } }).split('NAME');
    const broken = Buffer.from([0x61, 0xc0, 0x9b, 0x62, 0xe0, 0x82, 0x9b, 0x63, 0xf8, 0x88, 0x64, 0xc3, 0x65, 0x9b, 0x66, 0xf0, 0x9f]);
    const out = drawBytes(Buffer.concat([Buffer.from(before), broken, Buffer.from(after)]), { ...own, args: ['--format', '{model}'] });
    expect([...out]).toEqual([...Buffer.from('abcdef\n')]);
  });

  test('is as careful with what the collector answers', async () => {
    collector.reply = { body: answerOf(budget({ key: 'a\x1b[31m\u202eb' })).replace('"team":"platform"', '"team":"\\u009bteam"') };
    await line(inputOf(), inside);
    await cache.arrived();
    expect(await line(inputOf(), { ...inside, args: ['--format', '{budget_name} {team}'] })).toBe('a [31mb team\n');
  });

  test('keeps the answer for its user alone, and asks in the background', async () => {
    expect(await line(inputOf(), inside)).toBe(PLAIN);
    await cache.arrived();
    expect(await line(inputOf(), inside)).toBe(FULL);
    expect([questions(), collector.requests.at(-1)?.url, collector.requests.at(-1)?.headers.authorization]).toEqual([
      ...[1, `/${tests}/api/v1/me/statusline?session=${SESSION}`],
      'Bearer ll_token',
    ]);
    expect(cache.files.map((name) => [name, statSync(join(cache.own, name)).mode & 0o777])).toEqual([
      ['answer', 0o600],
      ['asked', 0o600],
    ]);
    expect(statSync(cache.own).mode & 0o777).toBe(0o700);
    expect(cache.read('answer')).not.toContain('ll_token');
  });
});

describe('asking', () => {
  test('again after half a minute, while the line has what there is', async () => {
    await line();
    const before = await cache.arrived();
    collector.reply = { body: answerOf({ today_usd: '15.00' }) };
    cache.age(29);
    expect(await line()).toBe(FULL);
    expect(questions()).toBe(1);
    cache.age(1);
    expect(await line()).toBe(FULL);
    await waitFor('the new answer', () => cache.read('answer').includes('15.00') && cache.read('answer') !== before);
    expect(await line()).toContain('$15.00 today');
  });

  test('a collector that hangs keeps no line waiting, and is asked once', async () => {
    await line();
    await cache.arrived();
    cache.age(120);
    collector.reply = { body: answerOf(), held: true };
    for (let round = 0; round < 5; round++) expect(await line()).toBe(FULL.replace('<1m', '2m'));
    await arrived(2);
    expect(questions()).toBe(2);
  });

  test('several lines at once ask once', async () => {
    collector.reply = { body: answerOf(), held: true };
    expect(new Set(await Promise.all(Array.from({ length: 12 }, () => line())))).toEqual(new Set([PLAIN]));
    await arrived(1);
    collector.release();
    await cache.arrived();
    expect(questions()).toBe(1);
    expect(await line()).toBe(FULL);
  });

  test('a line that began before another one asked leaves it to that; after a clock was set back it asks', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const asked = join(cache.own, 'asked');
    mkdirSync(cache.own, { recursive: true, mode: 0o700 });
    writeFileSync(asked, `${nowS + 10}\n`);
    await line();
    expect(Number(readFileSync(asked, 'utf8'))).toBe(nowS + 10);
    writeFileSync(asked, `${nowS + 3_600}\n`);
    await line();
    expect(Number(readFileSync(asked, 'utf8'))).toBeLessThan(nowS + 3_000);
    await arrived(1);
  });

  test.each([
    ['an error', { status: 500, body: '{"error":"x"}' }],
    ['a refusal', { status: 401, body: '{"error":"x"}' }],
    ['a page', { body: '<!doctype html>\n<p>Sign in</p>' }],
    ['other JSON', { body: '{"status":"ok"}' }],
    ['broken JSON', { body: '{"user":"ada@example.com","today_usd":"1.00}' }],
    ['half of it', { body: answerOf().slice(0, 80) }],
    ['nothing', { body: '' }],
    ['far too much', { body: `{"user":"ada@example.com","today_usd":"1.00","x":"${'x'.repeat(100_000)}"}` }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }],
  ])('%s instead of an answer changes nothing', async (_, reply) => {
    await line();
    await cache.arrived();
    cache.age(60);
    collector.reply = reply;
    expect(await line()).toBe(FULL.replace('<1m', '1m'));
    await arrived(2);
    expect(await line()).toMatch(/^Opus 5.5 \| \$1.23 session .*9 % context\n$/);
    expect(await line()).not.toContain('$1.00');
    cache.age(3600);
    expect(await line()).toBe(PLAIN);
  });

  test('amounts of another shape than the collector has are not shown', async () => {
    collector.reply = { body: answerOf({ today_usd: '1e5', today_ends_in: 'x', ...budget({ remaining: '$(id)', key: 7 }) }) };
    await line();
    await cache.arrived();
    expect(await line()).toBe(PLAIN);
  });

  test('a session that nobody knows yet leaves the figures of the one before', async () => {
    await line();
    const before = await cache.arrived();
    cache.age(30);
    collector.reply = { body: answerOf({ user: null, today_usd: null, budget: null }) };
    expect(await line()).toBe(FULL);
    await arrived(2);
    expect(await line()).toBe(FULL);
    expect(cache.read('answer').split('\n')[1]).toBe(before.split('\n')[1]);
  });

  test.each(['../../x', 'a b', 'a&user=eve', '"', 'x'.repeat(200), 7, null])('a session called %j is not sent', async (session_id) => {
    expect(await line(inputOf({ session_id }))).toBe(PLAIN);
    await arrived(1);
    expect(collector.requests.at(-1)?.url).toBe(`/${tests}/api/v1/me/statusline?session=-`);
  });

  test('what was kept for another token or address is not shown', async () => {
    await line();
    await cache.arrived();
    cache.age(10);
    expect(await line(inputOf(), { env: { LEDGERLINE_TOKEN: 'll_other' } })).toBe(PLAIN);
    expect(await line(inputOf(), { env: { LEDGERLINE_URL: 'http://127.0.0.1:1' } })).toBe(PLAIN);
  });

  test('a clock that was set back makes the answer unusable, and a new one is fetched', async () => {
    await line();
    const before = await cache.arrived();
    cache.age(-100);
    expect(await line()).toBe(PLAIN);
    await waitFor('a new answer', () => Number(cache.read('answer').split(' ')[0]) <= Number(before.split(' ')[0]) + 60);
  });

  test('a token can come from a file, and is in no list of processes', async () => {
    const file = join(cache.folder, 'token');
    writeFileSync(file, 'll_of_a_file\n');
    collector.reply = { body: answerOf(), held: true };
    await line(inputOf(), { env: { LEDGERLINE_TOKEN: '', LEDGERLINE_TOKEN_FILE: file } });
    await arrived(1);
    expect(collector.requests.at(-1)?.headers.authorization).toBe('Bearer ll_of_a_file');
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('ll_of_a_file');
  });

  test.each([
    ['\ufeffll_of_windows\r\n', 'll_of_windows'],
    ["!#$&'()*+-./:;<=>?@[]^_`{|}~", "!#$&'()*+-./:;<=>?@[]^_`{|}~"],
  ])('a file with %j has the token %j', async (text, token) => {
    const file = join(cache.folder, 'token');
    writeFileSync(file, text);
    await line(inputOf(), { env: { LEDGERLINE_TOKEN: '', LEDGERLINE_TOKEN_FILE: file } });
    await arrived(1);
    expect(collector.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test.each([
    ['an address with a quote', { LEDGERLINE_URL: 'http://127.0.0.1/"\nurl = "file:///etc/passwd' }],
    ['an address of a file', { LEDGERLINE_URL: 'file:///etc/passwd' }],
    ['a token with a line', { LEDGERLINE_TOKEN: 'a"\nurl = "http://127.0.0.1:1' }],
    ['a width that is none', { COLUMNS: '$(id)' }],
  ])('%s does no harm', async (_, more) => {
    expect(await line(inputOf(), { env: more })).toBe(PLAIN);
  });
});

describe('a cache', () => {
  test.each<[string, () => Record<string, string>]>([
    ['without a home', () => ({ LEDGERLINE_CACHE_DIR: '', TMPDIR: '/dev/null/x' })],
    ['that is a file', () => ({ LEDGERLINE_CACHE_DIR: join(cache.folder, 'file'), TMPDIR: '/dev/null/x' })],
  ])('%s: the line has what the client says', async (_, more) => {
    writeFileSync(join(cache.folder, 'file'), '');
    expect(await line(inputOf(), { env: more() })).toBe(PLAIN);
    expect(questions()).toBe(0);
  });

  test('that cannot be written is not written', async () => {
    chmodSync(cache.folder, 0o500);
    expect(await line(inputOf(), { env: { TMPDIR: '/dev/null/x' } })).toBe(PLAIN);
    chmodSync(cache.folder, 0o700);
  });

  test('that somebody else made of a link is not used', async () => {
    mkdirSync(join(cache.folder, 'elsewhere'));
    symlinkSync(join(cache.folder, 'elsewhere'), cache.own);
    expect(await line(inputOf(), { env: { TMPDIR: '/dev/null/x' } })).toBe(PLAIN);
    expect(existsSync(join(cache.folder, 'elsewhere/asked'))).toBe(false);
  });

  test.each(['', 'x', '1 2 3\n{}', '99999999999999999999 1\n{"user":"a"}', `1 1\n${'['.repeat(5000)}`])(
    'with %j in it is as an empty one',
    async (text) => {
      await line();
      await cache.arrived();
      writeFileSync(join(cache.own, 'answer'), text);
      expect(await line()).toBe(PLAIN);
    },
  );
});

describe('--check', () => {
  const check = (more: Record<string, string> = {}, ...args: string[]) => draw('', { args: ['--check', ...args], env: { ...env, ...more } });

  test.each<[string, Record<string, string>, string[], number]>([
    ['The template is right, and the collector answers.', {}, [], 0],
    ["The template is right. LEDGERLINE_URL is not set: the line has the client's own figures.", { LEDGERLINE_URL: '' }, ['--format', '{model}'], 0],
    ['statusline: there is no field {bugdet} in the template: {model} {bugdet}', {}, ['--format', '{model} {bugdet}'], 2],
    ['statusline: there is no field {a b} in the template: {a b}', { LEDGERLINE_STATUSLINE_FORMAT: '{a b}' }, [], 2],
    ['statusline: a brace has no other in the template: {model} {', {}, ['--format={model} {'], 2],
    ['statusline: LEDGERLINE_URL does not begin with https://', { LEDGERLINE_URL: 'ledgerline' }, [], 1],
    ['statusline: the collector does not answer', { LEDGERLINE_URL: 'http://127.0.0.1:1' }, [], 1],
    ['statusline: LEDGERLINE_TOKEN has a character that a token cannot have', { LEDGERLINE_TOKEN: 'Bearer x' }, [], 1],
    ['statusline: LEDGERLINE_TOKEN has a character that a token cannot have', { LEDGERLINE_TOKEN: 'a\\nb' }, [], 1],
    ['statusline: LEDGERLINE_TOKEN has a character that a token cannot have', { LEDGERLINE_TOKEN: 'schlüssel' }, [], 1],
  ])('says: %s', async (sentence, more, args, code) => {
    const { out, err, code: own } = await check(more, ...args);
    expect([`${out}${err}`.trimEnd(), own]).toEqual([sentence, code]);
  });

  test.each<[number, string]>([
    [400, 'the collector answers with HTTP 400'],
    [401, 'the collector refuses the token (HTTP 401)'],
    [404, 'the collector answers with HTTP 404'],
  ])('says of %d: %s', async (status, sentence) => {
    collector.reply = { status };
    expect(await check()).toMatchObject({ err: `statusline: ${sentence}\n`, code: 1 });
  });

  test('says of a token without a user that sessions decide', async () => {
    collector.reply = { body: answerOf({ user: null }) };
    expect(await check()).toMatchObject({
      out: 'The template is right, and the collector answers. Its token has no user: figures come once the session has records.\n',
      code: 0,
    });
  });

  test('says of a page that it is no collector', async () => {
    collector.reply = { body: '<html>' };
    expect((await check()).err).toBe('statusline: what answers is not a Ledgerline collector that knows the status line\n');
  });
});

test('what it shares with the guard is the same there', () => {
  const functionOf = (file: string, name: string): string | undefined =>
    new RegExp(`^${name}\\(\\) \\{\\n[\\s\\S]*?^\\}`, 'm').exec(
      readFileSync(join(import.meta.dirname, '../../../collector/guard/client', file), 'utf8'),
    )?.[0];
  for (const name of ['is_number', 'find_token']) {
    expect(functionOf('statusline.sh', name)).toBeDefined();
    expect(functionOf('statusline.sh', name)).toBe(functionOf('guard.sh', name));
  }
});

test('limits of the client stay out of the line where the collector answers', async () => {
  await line();
  await cache.arrived();
  expect(await line(inputOf({ rate_limits: LIMITS() }))).toBe(FULL);
});
