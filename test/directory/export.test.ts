import { expect, test } from '@jest/globals';
import { createDirectory, type Directory } from '../../collector/directory/directory.ts';
import { exportDirectory } from '../../collector/directory/export.ts';
import { factsOfMerges } from '../../collector/directory/merges-feed.ts';
import { factsOfFile } from '../../collector/directory/yaml-feed.ts';
import { parseDirectory } from '../support/operator-files.ts';

const TEXTS = [
  `users:
  ada@example.com: { aliases: [a1], memberships: [{ team: search, until: 2026-09-01 }, { team: platform, from: 2026-09-01 }, { team: on-call, from: 2026-10-01T10:15:00Z, until: 2026-11-01 }] }
  carl@example.com: { name: Carl, aliases: [{ name: dev-7, from: 2026-09-01, until: 2026-10-01 }] }
  dora@example.com: { aliases: [{ name: DEV-7, from: 2026-10-01 }], memberships: [{ team: aa }, { team: bb }] }
teams:
  on-call: { parent: platform }
  platform: [{ cost_center: cc-1 }, { from: 2026-06-01, cost_center: cc-2 }]
  Web: { parent: platform, department: Web }
  bb: [{ cost_center: cc-b }, { from: 2026-06-01, parent: top }]
  empty: {}
domains: { example.com: { team: staff }, acme.com: { from: 2026-09-01, until: 2026-11-01, team: new } }`,
  `teams: { web: [{ department: Else }, { from: 2026-08-01, cost_center: cc-w, department: Else }] }
domains: { ACME.com: { team: staff } }`,
  `people: { ada@example.com: { department: Engineering }, bob@example.com: [{ team: data }, { from: 2026-08-01, team: search }] }
repositories: { 'acme/*': { team: web } }`,
];
const INSTANTS = [
  '2026-01-01',
  '2026-06-01',
  '2026-08-31',
  '2026-09-01',
  '2026-10-01T10:14:59Z',
  '2026-10-01T10:15:00Z',
  '2026-11-01',
  '2027-01-01',
].map((text) => Date.parse(text));

const nameOf = (directory: Directory, user: string, instant: number): string | undefined =>
  directory.placed(user, instant)?.feeds.find(({ displayName }) => displayName !== undefined)?.displayName;

test('what is exported answers as the feeds do', () => {
  const feeds = TEXTS.map((text, index) => factsOfFile(`f${index}`, parseDirectory(text, 'd.yaml')));
  const directory = createDirectory({
    feeds: [
      factsOfMerges([
        { alias: 'old-a', user: 'a1' },
        { alias: 'a1', user: 'ada@example.com' },
      ]),
      ...feeds,
    ],
    teamPriority: ['platform'],
  });
  const again = createDirectory({ feeds: [factsOfFile('again', parseDirectory(exportDirectory(directory, INSTANTS[0] ?? 0), 'd.yaml'))] });
  for (const instant of INSTANTS) {
    for (const name of [
      'ada@example.com',
      'A1',
      'old-a',
      'bob@example.com',
      'carl@example.com',
      'dora@example.com',
      'dev-7',
      'x@acme.com',
      'nobody@example.com',
    ]) {
      const user = directory.canonical(name, instant);
      expect(again.canonical(name, instant)).toBe(user);
      expect(again.person(user, instant)).toEqual(directory.person(user, instant));
      expect(nameOf(again, user, instant)).toBe(nameOf(directory, user, instant));
      expect(again.domain(user, instant)).toEqual(directory.domain(user, instant));
    }
    expect(again.repository('acme/x', instant)).toEqual(directory.repository('acme/x', instant));
    for (const team of ['on-call', 'web', 'bb']) {
      expect(again.teams.path(team, instant)).toEqual(directory.teams.path(team, instant));
      for (const field of ['cost_center', 'department'] as const)
        expect(again.teams.inherited(team, field, instant)).toEqual(directory.teams.inherited(team, field, instant));
    }
  }
});
