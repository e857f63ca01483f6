/** The directory that the configuration names: its files, in the order in which they decide. */
import type { Config } from '../config/config.ts';
import { type FeedConfig, feedName } from '../config/directory.ts';
import { readOperatorFile } from '../core/yaml-file.ts';
import { createDirectory, type Directory } from './directory.ts';
import type { FeedFacts } from './facts.ts';
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

const factsOf = (feed: FeedConfig): FeedFacts => yamlFacts(feedName(feed), feed.file);

const yamlFacts = (feed: string, file: string): FeedFacts => factsOfFile(feed, readOperatorFile(file, DIRECTORY_FILE));
