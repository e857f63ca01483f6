import { existsSync, mkdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Lets Node keep what it has compiled: TypeScript stripped of its types, and V8's code. What is kept is executed, so it lies where nobody
 * but this user can write, and where there is no such place Node compiles as ever. Node itself finds by content what has changed, and
 * heeds NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE. Coverage is less exact of code that comes from there, so it goes without.
 */
export function keepCompiledCode(env = process.env) {
  if (nodeModule.getCompileCacheDir() !== undefined || env.NODE_DISABLE_COMPILE_CACHE || env.NODE_V8_COVERAGE) return;
  const folder = cacheFolder(env);
  if (folder !== undefined) nodeModule.enableCompileCache(folder);
}

/** Made where it is missing. Undefined where none is safe; on Windows, where owner and mode do not say who may write. */
export function cacheFolder(env) {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const around = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const folder = join(around, 'ledgerline');
  try {
    // A root that runs with somebody's home leaves nothing there.
    for (const path of [around, folder]) if (!existsSync(path) && isOwn(dirname(path), user)) makeFolder(path);
    return isOwn(folder, user) && !mayBeReplaced(folder) ? folder : undefined;
  } catch {
    return undefined; // Missing, read-only, or hidden from this process.
  }
}

function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error; // Made by another at the same time.
  }
}

function isOwn(path, user) {
  const { uid, mode } = statSync(path);
  return uid === user && (mode & WRITABLE_BY_OTHERS) === 0;
}

/** Whoever may write to the folder around it could put another in its place. */
function mayBeReplaced(folder) {
  const { mode } = statSync(dirname(folder));
  return (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
}
