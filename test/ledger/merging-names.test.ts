/** Names that are merged, in budgets and messages: a word stays what it is unless it stands for a user. */
import { describe, expect, test } from '@jest/globals';
import { UserFieldEraser } from '../../collector/ledger/erasure.ts';

const BUDGET = {
  name: 'search',
  scope: { team: 'search', user: 'Search' },
  raises: [{ user: 'search', reason: 'search and rescue' }],
  text: 'Budget search of team search',
};

describe('a merge', () => {
  test('of a name that may be a word changes what says that it is a user, and nothing else', () => {
    const eraser = new UserFieldEraser('search', 'ada@example.com');
    expect(eraser.data(BUDGET)).toEqual({
      ...BUDGET,
      scope: { team: 'search', user: 'ada@example.com' },
      raises: [{ user: 'ada@example.com', reason: 'search and rescue' }],
    });
    expect(eraser.text('search')).toBe('search');
  });

  test('of an address changes it wherever it stands', () => {
    const eraser = new UserFieldEraser('ada@old.example', 'ada@example.com');
    expect(eraser.data({ who: 'ada@old.example', text: 'of Ada@old.example, who asked' })).toEqual({
      who: 'ada@example.com',
      text: 'of ada@example.com, who asked',
    });
    expect(eraser.text('user:ada@old.example')).toBe('user:ada@example.com');
  });
});
