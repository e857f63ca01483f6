/** Files that this user alone may read: in them is who spent what. SQLite gives a log and its index the permissions of their database. */
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** How names of the data folder begin. */
const OURS = /^(ledger\.sqlite|budgets\.sqlite|statements\.sqlite|refusals\.json|restore-in-progress\.json|sign-in\.key)/;
/** The ledger of the demonstration has a folder of its own in it. */
const OUR_FOLDERS: ReadonlySet<string> = new Set(['demo']);

/** Makes the folder where it is not there. One that is there is closed to others unless other things lie in it; throws when it cannot be made. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const names = readdirSync(folder);
  if (names.every((name) => OURS.test(name) || OUR_FOLDERS.has(name))) close(folder, FOLDER_MODE);
}

/** An empty file where there is none, and what begins with its name closed to others: its log, its lock, what a restore put aside. */
export function makePrivateFile(file: string): void {
  const [folder, name] = [dirname(file), basename(file)];
  try {
    closeSync(openSync(file, 'a', FILE_MODE));
    for (const own of readdirSync(folder)) if (own.startsWith(name)) close(join(folder, own), FILE_MODE);
  } catch {
    // Whoever opens it next says what is in the way.
  }
}

/** What is another user's cannot be changed, and is left as that user has it. */
function close(path: string, mode: number): void {
  try {
    if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
  } catch {
    // Somebody else's, gone meanwhile, or on a file system without permissions.
  }
}
