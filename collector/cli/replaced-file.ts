/** Which file a whole one may take the place of. */
import { realpathSync, statSync } from 'node:fs';

/** The file behind links. Undefined for what is no file, such as a pipe or /dev/null: it is written into, and stays what it is. */
export function replacedFile(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return file;
  return found.isFile() ? realpathSync(file) : undefined;
}
