import { describe, expect, test } from '@jest/globals';
import { parseCsvTable } from '../../collector/core/csv-table.ts';
import { Random } from '../../collector/demo/random.ts';
import { factsOfCsv } from '../../collector/directory/csv-feed.ts';
import { createDirectory, type Directory } from '../../collector/directory/directory.ts';
import type { FeedFacts } from '../../collector/directory/facts.ts';
import { factsOfProvider } from '../../collector/directory/provider-feed.ts';

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const NOW = at('2026-11-20');
const directoryOf = (facts: FeedFacts): Directory => createDirectory({ feeds: [facts] });
const fileOf = (text: string) => ({ file: 'f.csv', text });

describe('CSV', () => {
  test('should be read with quotes, breaks within cells, any line ends and a mark of its encoding', () => {
    const text = '\uFEFFa, b \r\n"x, ""y""\nz",2\n\n,3\r4,\n';
    expect(parseCsvTable(text, 'f.csv')).toEqual({
      columns: ['a', 'b'],
      rows: [
        { line: 2, cells: ['x, "y"\nz', '2'] },
        { line: 5, cells: ['', '3'] },
        { line: 6, cells: ['4', ''] },
      ],
    });
  });

  test('that was written should be read back', () => {
    const random = new Random('csv');
    for (let round = 0; round < 300; round++) {
      const letters = ['a', '"', ',', '\n', 'é', ' '] as const;
      const cell = (): string => `x${Array.from({ length: random.whole(0, 5) }, () => random.pick(letters)).join('')}x`;
      const rows = Array.from({ length: random.whole(1, 4) }, () => [cell(), cell(), cell()]);
      const text = rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\r\n');
      const read = parseCsvTable(text, 'f.csv');
      expect([read.columns, ...read.rows.map(({ cells }) => cells)]).toEqual(rows);
    }
  });

  test.each([
    ['a,b\n"x', 'a quote in line 2 does not end'],
    ['a,b\n"x"y,2', 'a quote in line 2 does not end, or not'],
  ])('%j should be refused', (text, message) => {
    expect(() => parseCsvTable(text, 'f.csv')).toThrow(message);
  });
});

describe("the directory's own CSV", () => {
  const TEXT = `User,name,aliases,team,cost_center,from,until
ada@example.com,Ada,account-1; dev-7,search,,,2026-09-01
ada@example.com,,,platform,cc-7,2026-09-01,
bob@example.com,,,,,,
`;

  test('should have a row for each membership', () => {
    const directory = directoryOf(factsOfCsv('hr', TEXT, 'hr.csv'));
    expect(directory.person('ada@example.com', at('2026-08-31'))).toEqual({ team: 'search' });
    expect(directory.person(directory.canonical('DEV-7', NOW), NOW)).toEqual({ team: 'platform', cost_center: 'cc-7' });
    expect(directory.person('bob@example.com', NOW)).toBeUndefined();
    expect(directory.placed('bob@example.com', NOW)).toBeDefined();
  });

  test.each([
    ['a column that is not known', 'user,taem\na,b', 'hr.csv has the column "taem"'],
    ['no column of users', 'team\na', 'hr.csv has no column user'],
    ['a day that is none', 'user,team,from\na,b,2026-02-30', 'hr.csv, line 2: from 2026-02-30 must be a day'],
    ['no user', 'user,team\n,b', 'hr.csv, line 2: user is empty'],
  ])('with %s should be refused', (_name, text, message) => {
    expect(() => factsOfCsv('hr', text, 'hr.csv')).toThrow(message);
  });
});

describe('files of identity providers', () => {
  test('Okta: users by address, under login and id as well; groups that are named are teams', () => {
    const directory = directoryOf(
      factsOfProvider({
        ...{ feed: 'okta', provider: 'okta', fromMs: at('2026-09-01'), groupTeams: { 'Eng-Platform': 'platform' } },
        users: fileOf(
          'id,login,firstName,lastName,email,secondEmail,department,costCenter\n00u1,ada,Ada,L,ada@example.com,shared@example.com,Eng,cc-1\n00u2,bob,Bob,B,bob@example.com,shared@example.com,,\n',
        ),
        members: [fileOf('login,groupName\nada,Everyone\nada,eng-platform\ncarl,Eng-Platform\n')],
      }),
    );
    expect(['00U1', 'ada', 'shared@example.com'].map((name) => directory.canonical(name, NOW))).toEqual([
      'ada@example.com',
      'ada@example.com',
      'shared@example.com',
    ]);
    expect(directory.person('ada@example.com', NOW)).toEqual({ team: 'platform', cost_center: 'cc-1', department: 'Eng' });
    expect(directory.person('ada@example.com', at('2026-08-31'))).toBeUndefined();
    expect(directory.person('carl', NOW)).toEqual({ team: 'platform' });
  });

  test('with many rows should go through the groups that are named once; of two spellings the first holds', () => {
    let times = 0;
    const named = { 'Eng-Platform': 'platform', 'eng-platform': 'other' };
    const ownKeys = (groups: typeof named): (string | symbol)[] => {
      times++;
      return Reflect.ownKeys(groups);
    };
    const groupTeams = new Proxy(named, { ownKeys });
    const rows = Array.from({ length: 100 }, (_, index) => `user-${index},ENG-Platform\n`).join('');
    const directory = directoryOf(factsOfProvider({ feed: 'okta', provider: 'okta', groupTeams, members: [fileOf(`login,groupName\n${rows}`)] }));
    expect(directory.person('user-99', NOW)).toEqual({ team: 'platform' });
    expect(times).toBe(1);
  });

  test('users with one address should be several, each called by its login, and the address nobody’s', () => {
    const directory = directoryOf(
      factsOfProvider({
        ...{ feed: 'okta', provider: 'okta' },
        users: fileOf(
          'id,login,email,department\n1,alice,team@example.com,Eng\n2,bob,TEAM@example.com,Ops\n3,dora@example.com,dora@example.com,Eng\n4,dora-admin,dora@example.com,\n4,dora-admin,dora@example.com,\n',
        ),
        members: [fileOf('login,email,groupName\nbob,team@example.com,Data\ncarl,carl@example.com,Data\n')],
      }),
    );
    const names = ['alice', 'bob', 'team@example.com', 'dora@example.com', 'dora-admin'];
    expect(names.map((name) => directory.canonical(name, NOW))).toEqual(names);
    expect(names.map((name) => directory.person(name, NOW))).toEqual([
      ...[{ department: 'Eng' }, { department: 'Ops', team: 'Data' }, undefined],
      ...[{ department: 'Eng' }, undefined],
    ]);
    expect(['1', '2', 'carl'].map((name) => directory.canonical(name, NOW))).toEqual(['alice', 'bob', 'carl@example.com']);
  });

  test('a user with another login in a file of another day should be called by the address as before', () => {
    const directory = directoryOf(
      factsOfProvider({
        ...{ feed: 'okta', provider: 'okta' },
        users: fileOf('id,login,email,department\n1,alice.smith,alice@example.com,Eng\n'),
        members: [fileOf('login,email,groupName\nalice.jones,alice@example.com,Data\n')],
      }),
    );
    expect(directory.canonical('alice.smith', NOW)).toBe('alice@example.com');
    expect(directory.person('alice@example.com', NOW)).toEqual({ department: 'Eng', team: 'Data' });
  });

  test('Microsoft Entra ID: members of a group are a team, whichever way its columns are spelt', () => {
    const directory = directoryOf(
      factsOfProvider({
        ...{ feed: 'entra', provider: 'entra' },
        users: fileOf(
          'userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled\nada@corp.onmicrosoft.com,Ada L,L,Ada@example.com,Ada,guid-1,Member,,Eng,True\n',
        ),
        members: [
          {
            ...fileOf(
              'version:v1.0\nid,userPrincipalName,displayName,memberType\nguid-1,ada@corp.onmicrosoft.com,Ada L,User\nguid-9,,Printers,Group\n',
            ),
            team: 'search',
          },
          { ...fileOf('Object ID,User principal name,Display name,Member type\nguid-2,bob@example.com,Bob,User\n'), team: 'data' },
        ],
      }),
    );
    expect(directory.canonical('GUID-1', NOW)).toBe('ada@example.com');
    expect(directory.person('ada@example.com', NOW)).toEqual({ team: 'search', department: 'Eng' });
    expect(directory.person(directory.canonical('guid-2', NOW), NOW)).toEqual({ team: 'data' });
  });

  test('Google Workspace: the team is the column that is named', () => {
    const header =
      'First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required],Work Secondary Email,Department,Cost Center';
    const files = {
      ...{ feed: 'google', provider: 'google' as const, members: [] },
      users: fileOf(`${header}\nAda,L,ada@example.com,/Eng/Search,a.l@example.com,Engineering,cc-1\n`),
    };
    const directory = directoryOf(factsOfProvider({ ...files, teamColumn: 'Org Unit Path' }));
    expect(directory.person(directory.canonical('a.l@example.com', NOW), NOW)).toEqual({
      team: '/Eng/Search',
      cost_center: 'cc-1',
      department: 'Engineering',
    });
    expect(() => factsOfProvider({ ...files, teamColumn: 'Squad' })).toThrow('f.csv has no column for team_column, "Squad"');
  });

  test('without a column that names the user, or the group, should be refused with what is there', () => {
    expect(() => factsOfProvider({ feed: 'okta', provider: 'okta', users: fileOf('First,Last\nAda,L'), members: [] })).toThrow(
      'f.csv has no column for the user',
    );
    expect(() => factsOfProvider({ feed: 'okta', provider: 'okta', members: [fileOf('login,team\nada,x')] })).toThrow(
      'f.csv has no column for the name of the group',
    );
  });
});
