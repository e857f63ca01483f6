/** Files of operators from texts, as they are read from disk. */

import { configSchema } from '../../collector/config/config.ts';
import { parseOperatorFile } from '../../collector/core/yaml-file.ts';
import { createDirectory as create, type Directory } from '../../collector/directory/directory.ts';
import { loadDirectory as load } from '../../collector/directory/load.ts';
import { DIRECTORY_FILE, type DirectoryFile, factsOfFile } from '../../collector/directory/yaml-feed.ts';

export const parseDirectory = (text: string, file: string): DirectoryFile => parseOperatorFile(text, file, DIRECTORY_FILE);

/** A directory of one file. */
export const createDirectory = (file: DirectoryFile, teamPriority: readonly string[] = []): Directory =>
  create({ feeds: [factsOfFile('directory.yaml', file)], teamPriority });
export const loadDirectory = (file: string | undefined): Directory => load(configSchema.parse({ attribution: { directory_file: file } }));
