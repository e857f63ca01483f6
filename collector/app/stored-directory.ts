/** The directory as it is in files and in the store: with merges, and what identity providers sent. For whoever reads it once. */
import type { Config } from '../config/config.ts';
import type { Directory } from '../directory/directory.ts';
import { loadDirectory } from '../directory/load.ts';
import { readDirectory } from '../storage/open.ts';

/** Rejects with LedgerlineError `invalid` where a file of it cannot be read. */
export async function storedDirectory(config: Config): Promise<Directory> {
  const store = await readDirectory(config);
  try {
    return loadDirectory(config, await store.stored());
  } finally {
    await store.close();
  }
}
