/** Whatever is a credential in a repository's address is in no name; host and path stay. */
import { describe, expect, test } from '@jest/globals';
import { nameRepository } from '../../../collector/ingest/attribution/repository-name.ts';
import { createDirectory, parseDirectory } from '../../support/operator-files.ts';
import { type Random, seededRandom } from '../../support/random.ts';

describe('the name of a repository', () => {
  test.each([
    ['https://github.com/acme/api.git', 'https://github.com/acme/api'],
    ['https://github.com/acme/api.git/', 'https://github.com/acme/api'],
    ['acme/api', 'acme/api'],
    ['@acme/api', '@acme/api'],
    ['github.com:acme/api', 'github.com:acme/api'],
    ['git@github.com:acme/api.git', 'github.com:acme/api'],
    ['bob:SECRET@github.com:acme/api', 'github.com:acme/api'],
    ['SECRET@github.com/acme/api', 'github.com/acme/api'],
    ['ssh://git@github.com:22/acme/api', 'ssh://github.com:22/acme/api'],
    ['GIT+SSH://SECRET@github.com/acme/api', 'GIT+SSH://github.com/acme/api'],
    ['  https://SECRET@github.com/acme/api ', 'https://github.com/acme/api'],
    ['https://bob:SEC@RET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://bob:SEC/RET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://SEC/RET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://bob:SEC:RET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://bob:SEC?RET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://bob:SEC#RET@gitlab/acme/api', 'https://gitlab/acme/api'],
    ['https://bob: SEC RET @github.com/acme/api', 'https://github.com/acme/api'],
    ['https:/bob:SECRET@github.com/acme/api', 'https:/github.com/acme/api'],
    ['https://a:SECRET@https://b:SECRET@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://a:SECRET@http://github.com/acme/api', 'http://github.com/acme/api'],
    ['https://github.com/acme/api?access_token=SECRET', 'https://github.com/acme/api'],
    ['https://github.com/acme/api.git?access_token=SECRET#token=SECRET', 'https://github.com/acme/api'],
    ['https://github.com/acme/api#token=SEC@RET/x', 'https://github.com/acme/api'],
    ['https://git.acme.com:8443/acme/api?mail=a@b.c/d&token=SECRET', 'https://git.acme.com:8443/acme/api'],
    ['https://bob:SECRET@github.com/acme/api?mail=a@b.c/d&token=SECRET', 'https://github.com/acme/api'],
    ['https://gitlab/acme/api?token=SECRET@1', 'https://gitlab/acme/api'],
    ['https%3A%2F%2Fbob%3ASECRET%40github.com%2Facme%2Fapi', 'https://github.com/acme/api'],
    ['https://github.com/acme/api%3Faccess_token%3DSECRET', 'https://github.com/acme/api'],
    ['https://github.com/acme/api%253Faccess_token%253DSECRET', 'https://github.com/acme/api'],
    ['https://bob:SEC%ZZRET%40github.com/acme/api', 'https://github.com/acme/api'],
    ['https://github.com/acme/my%20api', 'https://github.com/acme/my api'],
    ['https://github.com/acme/api/%C3%A9', 'https://github.com/acme/api/é'],
  ])('%s is %s', (text, name) => expect(nameRepository(text)).toBe(name));

  test('has nothing of a password that is longer than a name', () => {
    expect(nameRepository(`https://bob:${'SECRET'.repeat(100)}@github.com/acme/api`)).toBe('https://github.com/acme/api');
  });

  test('is none where only a credential is, or where nobody can say what is what', () => {
    expect(['', ' ', '.git', '?access_token=SECRET', 'https://?token=SECRET'].map(nameRepository)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect(
      nameRepository(Array.from({ length: 9 }).reduce((text: string) => encodeURIComponent(text), 'https://bob:x@github.com/a')),
    ).toBeUndefined();
  });

  test('is read in one pass', () => {
    for (const text of ['/'.repeat(1_000_000), `${'@'.repeat(1_000_000)}x`, '%40'.repeat(300_000), '?#'.repeat(500_000)]) nameRepository(text);
  });

  test('a pattern of the directory that was written with a user still matches', () => {
    const directory = createDirectory(parseDirectory("repositories: { 'git@github.com:acme/*': { team: search } }", 'd.yaml'));
    expect(directory.repository('github.com:acme/api', 0)).toEqual({ team: 'search' });
  });
});

/** Of passwords and tokens: what generators use, and what ends a password for a careless reader. Unencoded ? and # end it for every reader. */
const CHARACTERS = [...'abcXYZ0189-_.~!$&*+,;=@/: '];

function secretOf(random: Random): string {
  const middle = Array.from({ length: 1 + random.below(30) }, () => random.pick(CHARACTERS)).join('');
  return `s${middle}t`;
}

const PLACES = ['github.com/acme/api', 'git.acme.example:8443/group/sub/api', 'localhost/api', 'ghe-1.corp.example/acme/my-api'];
const SPELLINGS: readonly ((secret: string, place: string) => string)[] = [
  (secret, place) => `https://bob:${secret}@${place}.git`,
  (secret, place) => `https://${secret}@${place}`,
  (secret, place) => `HTTPS://x-access-token:${secret}@${place}/`,
  (secret, place) => `git+ssh://bob:${secret}@${place}`,
  (secret, place) => `bob:${secret}@${place}`,
  (secret, place) => `https://${place}?access_token=${secret}`,
  (secret, place) => `https://${place}.git?a=1&private_token=${secret}#token=${secret}`,
  (secret, place) => `https://bob:${secret}@${place}?token=${encodeURIComponent(secret)}`,
  (secret, place) => `https://bob:${encodeURIComponent(secret)}@${place}`,
  (secret, place) => `https://bob:${encodeURIComponent(encodeURIComponent(secret))}@${place}`,
];

test('a secret in any spelling, encoded any number of times, is nowhere in the name, and host and path are', () => {
  const random = seededRandom('repository names');
  for (let round = 0; round < 20_000; round++) {
    const secret = secretOf(random);
    const place = random.pick(PLACES);
    let text = random.pick(SPELLINGS)(secret, place);
    for (let times = random.below(4); times > 0; times--) text = encodeURIComponent(text);
    const name = nameRepository(text);
    if (name?.replace(/^[a-z+]+:\/\//i, '') !== place) throw new Error(`${JSON.stringify({ text, secret })} is named ${JSON.stringify(name)}`);
  }
});
