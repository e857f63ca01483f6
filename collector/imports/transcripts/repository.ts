/** Which repository a folder belongs to, read from the files of git: the same that the client reports of its own. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { nameRepository } from '../../ingest/attribution/repository-name.ts';

const DEPTH_MAX = 64;
const CONFIG_BYTES_MAX = 1024 * 1024;

/** The address of the remote "origin" without credentials, else of the first remote; undefined where there is none, or the folder is gone. Remembers. */
export function createRepositories(): (folder: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (folder) => {
    if (!known.has(folder)) known.set(folder, repositoryAt(folder));
    return known.get(folder);
  };
}

function repositoryAt(folder: string): string | undefined {
  if (!isAbsolute(folder)) return undefined;
  let at = folder;
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const config = configIn(join(at, '.git'));
    if (config !== undefined) return remoteIn(config);
    if (dirname(at) === at) return undefined;
    at = dirname(at);
  }
  return undefined;
}

/** Text of the configuration. In a worktree and a submodule .git is a file that says where it is. */
function configIn(git: string): string | undefined {
  try {
    if (statSync(git).isDirectory()) return readSmall(join(git, 'config'));
    const target = /^gitdir: (.+)$/m.exec(readSmall(git))?.[1]?.trim();
    if (target === undefined) return undefined;
    const folder = isAbsolute(target) ? target : join(dirname(git), target);
    const common = textOf(join(folder, 'commondir'))?.trim();
    return readSmall(join(common === undefined ? folder : isAbsolute(common) ? common : join(folder, common), 'config'));
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readSmall(file);
  } catch {
    return undefined;
  }
}

function readSmall(file: string): string {
  return statSync(file).size > CONFIG_BYTES_MAX ? '' : readFileSync(file, 'utf8');
}

function remoteIn(config: string): string | undefined {
  const urls = new Map<string, string>();
  let remote: string | undefined;
  for (const line of config.split('\n')) {
    const section = /^\s*\[(.*)\]/.exec(line)?.[1];
    if (section !== undefined) remote = /^remote "(.*)"$/.exec(section)?.[1];
    const url = /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1];
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, url);
  }
  const url = urls.get('origin') ?? urls.values().next().value;
  return url === undefined || isLocal(url) ? undefined : nameRepository(url);
}

/** A path is nobody else's name for it. */
const isLocal = (url: string): boolean => isAbsolute(url) || url.startsWith('.') || url.startsWith('file:');
