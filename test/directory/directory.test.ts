import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { yaml } from '../../collector/core/yaml.ts';
import { loadDirectory as loadFeeds } from '../../collector/directory/load.ts';
import { createPseudonymizer, loadPseudonymizer } from '../../collector/ingest/attribution/pseudonym.ts';
import { createDirectory, loadDirectory, parseDirectory } from '../support/operator-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-directory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('a directory file', () => {
  test('should be read, and be empty when there is none or nothing in it', () => {
    expect(loadDirectory(fileWith('one.yaml', 'people: { bob: { team: data } }')).person('bob', 0)).toEqual({ team: 'data' });
    expect(loadDirectory(fileWith('empty.yaml', '')).person('bob', 0)).toBeUndefined();
    expect(loadDirectory(undefined).repository('x', 0)).toBeUndefined();
  });

  test.each(['yaml', 'csv'])('%s in another encoding is refused: its names would be booked as others', (type) => {
    const file = join(folder, `latin1.${type}`);
    const text = { yaml: 'people:\n  bob: { team: Süd }\n', csv: 'user,team\nbob,Süd\n' }[type] ?? '';
    const load = (encoding: BufferEncoding) => {
      writeFileSync(file, Buffer.from(text, encoding));
      return loadFeeds(configSchema.parse({ directory: { feeds: [{ type, file }] } }));
    };
    expect(() => load('latin1')).toThrow(`latin1.${type}:2: the file is not in UTF-8`);
    expect(load('utf8').person('bob', 0)).toEqual({ team: 'Süd' });
  });

  test('should find a user in any capitals', () => {
    const directory = createDirectory(parseDirectory('people: { BuildBot: { team: ci }, Eve@Example.com: { team: data } }', 'd.yaml'));
    expect(['buildbot', 'BUILDBOT', 'eve@example.com'].map((user) => directory.person(user, 0)?.team)).toEqual(['ci', 'ci', 'data']);
  });

  test('should know nobody before the first day it names', () => {
    const directory = createDirectory(parseDirectory('people: { bob: [{ from: 2026-09-01, team: data }] }', 'd.yaml'));
    expect(directory.person('bob', Date.parse('2026-08-31'))).toBeUndefined();
    expect(directory.person('bob', Date.parse('2026-09-01'))).toEqual({ team: 'data' });
  });

  test('should follow the general rule until a narrower one begins', () => {
    const directory = createDirectory(
      parseDirectory(
        'repositories: { "acme/*": { team: web }, "acme/pay-*": { from: 2026-09-01, team: pay }, acme/pay-x: { from: 2026-10-01, team: x } }',
        'd',
      ),
    );
    const teamAt = (day: string) => directory.repository('acme/pay-x', Date.parse(day))?.team;
    expect(['2026-08-31', '2026-09-01', '2026-09-30', '2026-10-01'].map(teamAt)).toEqual(['web', 'pay', 'pay', 'x']);
  });

  test.each([
    [
      'people',
      'people:\n  Bob@Example.com: { team: a }\n  eve: { team: b }\n  bob@example.com: { team: b }\n',
      'line 2) again as bob@example.com (line 4)',
    ],
    ['repositories', 'repositories:\n  acme/Web: { team: a }\n  acme/web: { team: b }\n', 'acme/Web (line 2) again as acme/web (line 3)'],
  ])('with two spellings of one key of %s should be refused with both lines', (_section, text, message) => {
    expect(() => parseDirectory(text, 'd.yaml')).toThrow(message);
  });

  test('of 50,000 people should be read in one go', () => {
    // Their keys were once compared each with each, which took a minute.
    const people = Array.from({ length: 50_000 }, (_, index) => `  user${index}@example.com: { team: t${index % 50} }`);
    expect(Object.keys(parseDirectory(`people:\n${people.join('\n')}`, 'd.yaml').people)).toHaveLength(50_000);
  });

  test('should be read once, however many sections it has', () => {
    const parsed = jest.spyOn(yaml(), 'parseDocument');
    const read = parseDirectory('people: { bob: { team: a } }\nteams: { a: {} }\ndomains: { x.example.com: { team: a } }\n', 'd.yaml');
    expect(Object.keys(read.domains)).toEqual(['x.example.com']);
    expect(parsed).toHaveBeenCalledTimes(1);
    parsed.mockRestore();
  });

  test('should say how long its facts stay as they are', () => {
    const directory = createDirectory(
      parseDirectory('people: { a: [{ team: x }, { from: 2026-09-01, team: y }], b: { from: 2026-10-01, team: z } }', 'd.yaml'),
    );
    const [september, october] = [Date.parse('2026-09-01'), Date.parse('2026-10-01')];
    expect(directory.steadyAround(september - 1)).toEqual({ fromMs: Number.NEGATIVE_INFINITY, toMs: september });
    expect(directory.steadyAround(september)).toEqual({ fromMs: september, toMs: october });
    expect(directory.steadyAround(october + 5)).toEqual({ fromMs: october, toMs: Number.POSITIVE_INFINITY });
  });

  test.each([
    ['no YAML', 'people: [', 'd.yaml is not YAML'],
    ['a key given twice', 'people:\n  bob: { team: x }\n  bob: { team: y }', 'line 3, column 3: this key is already given above'],
    ['aliases of aliases', `a: &a [x]\nb: &b [${'*a, '.repeat(50)}]\nc: [${'*b, '.repeat(50)}]`, 'd.yaml: its aliases (*name) stand for too much'],
    ['an alias of nothing', 'people: *everybody', 'there is no &everybody above'],
    ['a day that does not exist', 'people: { bob: [{ from: 2026-02-30, team: x }] }', 'people.bob.0.from: must be a day'],
    ['a misspelt key', 'people: { bob: { taem: x } }', 'taem'],
    ['an empty team', 'people: { bob: { team: "" } }', 'people.bob.0.team'],
    ['no placement', 'people: { bob: [] }', 'people.bob'],
    ['an unknown section', 'persons: {}', 'persons'],
  ])('with %s should be refused with the key', (_name, text, message) => {
    expect(() => parseDirectory(text, 'd.yaml')).toThrow(message);
  });

  test('that is missing should be refused with its name', () => {
    expect(() => loadDirectory(join(folder, 'none.yaml'))).toThrow('none.yaml cannot be read');
  });
});

describe('the pseudonym key', () => {
  const load = (settings: object) => loadPseudonymizer(configSchema.parse({ attribution: settings }).attribution);

  test('should be read from its file without the line break', () => {
    const file = fileWith('key', '0123456789abcdef\n');
    expect(load({ pseudonymize: true, pseudonym_key_file: file })?.('alice')).toBe(createPseudonymizer(Buffer.from('0123456789abcdef'))('alice'));
    expect(load({ pseudonymize: false, pseudonym_key_file: file })).toBeUndefined();
  });

  test.each([
    ['not set', {}, 'pseudonym_key_file is not set'],
    ['missing', { pseudonym_key_file: join(folder, 'none') }, 'cannot be read'],
    ['too short', { pseudonym_key_file: fileWith('short', 'abc') }, 'has 3 bytes, expected at least 16'],
  ])('that is %s should be refused with a remedy', (_name, settings, message) => {
    expect(() => load({ pseudonymize: true, ...settings })).toThrow(message);
  });
});
