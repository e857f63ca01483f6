import { describe, expect, test } from '@jest/globals';
import type { ReadScopeConfig } from '../../collector/config/read-scope.ts';
import { readScopeOf } from '../../collector/server/reader-scope.ts';
import { isInScope } from '../support/in-scope.ts';

const veiled = (user: string): string => `anon-${user.length}`;
const scopeOf = (scope: ReadScopeConfig | undefined, user?: string, storedUser = (name: string) => name) => readScopeOf(scope, user, storedUser);

describe('a scope of the configuration names values as the ledger stores them', () => {
  test('without a scope, everything is seen', () => {
    expect(scopeOf(undefined, 'ada@example.com')).toBe('all');
    expect(scopeOf('all', 'ada@example.com')).toBe('all');
  });

  test('lists are filters that all have to hold, each name once', () => {
    const scope = scopeOf({ teams: ['platform', 'platform', 'unallocated'], organizations: ['example'] });
    expect(scope).toEqual([
      { dimension: 'organization', values: ['example'] },
      { dimension: 'team', values: ['platform', ''] },
    ]);
    expect(isInScope(scope, { organization: 'example', team: '' })).toBe(true);
    expect(isInScope(scope, { organization: 'other', team: 'platform' })).toBe(false);
  });

  test('an address is found in any capitals, and under its pseudonym', () => {
    expect(scopeOf({ users: ['Ada@Example.com', 'unallocated'] })).toEqual([{ dimension: 'user', values: ['ada@example.com', ''] }]);
    expect(scopeOf({ users: ['Ada@Example.com', 'unallocated'] }, undefined, veiled)).toEqual([{ dimension: 'user', values: ['anon-15', ''] }]);
    expect(scopeOf('self', ' Ada@Example.com', veiled)).toEqual([{ dimension: 'user', values: ['anon-15'] }]);
  });

  test('who is called like what is not known sees what is their own, and not the records of nobody', () => {
    expect(scopeOf('self', 'unallocated')).toEqual([{ dimension: 'user', values: ['unallocated'] }]);
    expect(scopeOf('self', '(other)')).toEqual([{ dimension: 'user', values: ["'(other)'"] }]);
  });

  test('a user without a name sees nothing', () => {
    for (const user of [undefined, '', ' ']) {
      const scope = scopeOf('self', user);
      expect(isInScope(scope, { user: '' })).toBe(false);
    }
  });
});
