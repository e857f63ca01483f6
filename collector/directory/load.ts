/** The directory that the configuration names: its feeds, in the order in which they decide. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { type FeedConfig, feedName } from '../config/directory.ts';
import { startOfDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { readOperatorFile } from '../core/yaml-file.ts';
import { factsOfCsv } from './csv-feed.ts';
import { createDirectory, type Directory } from './directory.ts';
import type { FeedFacts } from './facts.ts';
import { factsOfProvider, type ProviderFile, type ProviderFiles } from './provider-feed.ts';
import { DIRECTORY_FILE, factsOfFile } from './yaml-feed.ts';

export type DirectoryConfig = Pick<Config, 'attribution' | 'directory'>;

/** The name of the feed that attribution.directory_file is. */
const FILE_FEED = 'directory_file';

/** Throws `invalid` with the file, the key, the value and the remedy. */
export function loadDirectory({ attribution, directory }: DirectoryConfig): Directory {
  const { directory_file: file } = attribution;
  const first = file === undefined ? [] : [yamlFacts(FILE_FEED, file)];
  return createDirectory({ feeds: [...first, ...directory.feeds.map(factsOf)], teamPriority: directory.team_priority });
}

function factsOf(feed: FeedConfig): FeedFacts {
  const name = feedName(feed);
  switch (feed.type) {
    case 'yaml':
      return yamlFacts(name, feed.file);
    case 'csv':
      return factsOfCsv(name, textOf(feed.file), feed.file);
    case 'okta':
      return providerFacts(name, feed, { members: feed.groups_file === undefined ? [] : [textFile(feed.groups_file)], groupTeams: feed.groups });
    case 'entra':
      return providerFacts(name, feed, { members: feed.members.map(({ file, team }) => ({ ...textFile(file), team })) });
    case 'google':
      return providerFacts(name, feed, { members: [] });
  }
}

const yamlFacts = (feed: string, file: string): FeedFacts => factsOfFile(feed, readOperatorFile(file, DIRECTORY_FILE));

type ProviderFeed = Extract<FeedConfig, { readonly type: ProviderFiles['provider'] }>;

const providerFacts = (
  feed: string,
  { type, users_file: users, team_column: teamColumn, from }: ProviderFeed,
  more: Pick<ProviderFiles, 'members' | 'groupTeams'>,
): FeedFacts =>
  factsOfProvider({
    ...{ feed, provider: type, teamColumn, ...more },
    users: users === undefined ? undefined : textFile(users),
    fromMs: from === undefined ? undefined : startOfDay(from),
  });

const textFile = (file: string): ProviderFile => ({ file, text: textOf(file) });

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `The directory ${file} cannot be read.`, {
      hint: 'Correct directory.feeds, or the permissions of the file.',
      cause,
    });
  }
}
