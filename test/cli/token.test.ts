import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../collector/config/config.ts';
import { printed } from './command.ts';

/** The entry that `token new` prints, as the collector reads it. */
async function entryOf(...flags: readonly string[]): Promise<unknown> {
  const text = await printed(['token', 'new', ...flags]);
  const [yaml = ''] = text.slice(text.indexOf('auth:')).split('\n\n');
  const { name: _, sha256: __, ...entry } = configSchema.parse(parse(yaml)).auth.tokens[0] ?? { name: '', sha256: '' };
  return entry;
}

describe('ledgerline token new --scope', () => {
  test('prints an entry with names of one kind or of several', async () => {
    expect(await entryOf('--role', 'read', '--scope', 'team:platform', 'team:search', 'organization:example')).toEqual({
      role: 'read',
      scope: { teams: ['platform', 'search'], organizations: ['example'] },
    });
  });

  test('prints an entry for a user who sees what is their own', async () => {
    const own = { role: 'read', user: 'ada@example.com', scope: 'self' };
    expect(await entryOf('--role', 'read', '--user', 'ada@example.com', '--scope', 'self')).toEqual(own);
  });

  test('prints an entry for each role and each name that the configuration takes', async () => {
    expect(await entryOf('--role', 'scim')).toEqual({ role: 'scim' });
    expect(await entryOf('--organization', 'example', '--workspace', 'api')).toEqual({ role: 'ingest', organization: 'example', workspace: 'api' });
  });

  test('prints an entry for a job of CI', async () => {
    expect(await entryOf('--team', 'platform', '--job', 'ci:acme/api/*')).toEqual({ role: 'ingest', team: 'platform', job: 'ci:acme/api/*' });
  });

  test.each([
    [['--job', 'nightly'], '--job nightly must be ci:repository/workflow, or ci:repository/* for each workflow of one repository.'],
    [['--job', 'ci:acme/api/nightly', '--user', 'ada@example.com'], 'The collector would refuse this token: has a user and a job; a job has no user'],
    [['--role', 'scim', '--team', 'platform'], 'The collector would refuse this token: team is for those who send or read;'],
    [['--scope', 'team'], '--scope team is not a scope.'],
    [['--role', 'read', '--scope', 'all', 'team:platform'], '--scope all is not a scope.'],
    [['--scope', 'self'], 'The collector would refuse this token: scope is for those who may read; leave it out, or use the role read.'],
    [
      ['--role', 'read', '--team', 'platform'],
      'The collector would refuse this token: team alone does not limit what the role read sees; add scope: { teams: ["platform"] }, or scope: all.',
    ],
  ])('refuses %j and prints no token', async (flags, message) => {
    await expect(printed(['token', 'new', ...flags])).rejects.toThrow(message);
  });
});
