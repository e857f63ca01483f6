/** The directory that the configuration names: its feeds, in the order in which they decide. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { type FeedConfig, feedName } from '../config/directory.ts';
import { startOfDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { atOnce } from '../core/turn.ts';
import { utf8Text } from '../core/utf8.ts';
import { readOperatorFile } from '../core/yaml-file.ts';
import { factsOfCsv } from './csv-feed.ts';
import { type Directory, directoryInSteps } from './directory.ts';
import type { FeedFacts } from './facts.ts';
import { factsOfMerges } from './merges-feed.ts';
import { factsOfProvider, type ProviderFile, type ProviderFiles } from './provider-feed.ts';
import { factsOfScim } from './scim-feed.ts';
import { NOTHING_STORED, type StoredDirectory } from './store.ts';
import { DIRECTORY_FILE, factsOfFile } from './yaml-feed.ts';

export type DirectoryConfig = Pick<Config, 'attribution' | 'directory'>;

/** The name of the feed that attribution.directory_file is. */
const FILE_FEED = 'directory_file';

/** What the files say, in the order in which they decide; SCIM is not in a file. */
export type Feeds = readonly (FeedFacts | ScimFeed)[];

type ScimFeed = Extract<FeedConfig, { readonly type: 'scim' }>;

/** Throws `invalid` with the file, the key, the value and the remedy. */
export const loadDirectory = (config: DirectoryConfig, stored: StoredDirectory = NOTHING_STORED): Directory =>
  atOnce(directoryFrom(readFeeds(config), stored, config));

/** Throws as loadDirectory does. */
export function readFeeds({ attribution: { directory_file: file }, directory }: DirectoryConfig): Feeds {
  const first = file === undefined ? [] : [yamlFacts(FILE_FEED, file)];
  return [...first, ...directory.feeds.map(factsOf)];
}

/** In steps. Merges decide before all feeds: whoever merged two names knew both. */
export function* directoryFrom(feeds: Feeds, { received, merges }: StoredDirectory, { directory }: DirectoryConfig): Generator<void, Directory> {
  const facts: FeedFacts[] = merges.length === 0 ? [] : [factsOfMerges(merges)];
  for (const feed of feeds) facts.push('type' in feed ? yield* factsOfScim(feedName(feed), received, feed.groups) : feed);
  return yield* directoryInSteps({ feeds: facts, teamPriority: directory.team_priority });
}

/** The files that readFeeds reads. */
export const filesOf = ({ attribution: { directory_file: file }, directory }: DirectoryConfig): readonly string[] =>
  [file, ...directory.feeds.flatMap(filesOfFeed)].filter((one) => one !== undefined);

function filesOfFeed(feed: FeedConfig): readonly (string | undefined)[] {
  if (feed.type === 'scim') return [];
  if (feed.type === 'yaml' || feed.type === 'csv') return [feed.file];
  const members = feed.type === 'entra' ? feed.members.map(({ file }) => file) : [];
  return [feed.users_file, ...(feed.type === 'okta' ? [feed.groups_file] : members)];
}

function factsOf(feed: FeedConfig): FeedFacts | ScimFeed {
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
    case 'scim':
      return feed;
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
  return utf8Text(bytesOf(file), file);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new LedgerlineError('invalid', `The directory ${file} cannot be read.`, {
      hint: 'Correct directory.feeds, or the permissions of the file.',
      cause,
    });
  }
}
