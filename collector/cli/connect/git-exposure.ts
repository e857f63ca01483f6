/** Would git take a file along, and a token in it? */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const git = (folder: string, ...args: readonly string[]): number | null =>
  spawnSync('git', ['-C', folder, ...args], { stdio: 'ignore', timeout: 10_000 }).status;

/** `tracked`: it is part of a repository. `untracked`: it would be with the next `git add`. Undefined: neither, or there is no git to ask. */
export function gitExposure(file: string): 'tracked' | 'untracked' | undefined {
  let folder = dirname(file);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (git(folder, 'rev-parse', '--is-inside-work-tree') !== 0) return undefined;
  if (folder === dirname(file) && git(folder, 'ls-files', '--error-unmatch', '--', basename(file)) === 0) return 'tracked';
  return git(folder, 'check-ignore', '--quiet', '--', file) === 1 ? 'untracked' : undefined;
}
