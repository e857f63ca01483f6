/** The folders of PostgreSQL servers that are the same for all tests, made once for a machine, and where a server's own one is made. */
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const NOBODY = 65_534;
export const USER = 'ledgerline';
const isRoot = process.getuid?.() === 0;
/** Whom the server runs as. */
export const IDENTITY = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 1024 ** 3;

/** Hundreds of databases are made and dropped, a thousand files each: where there is room for it, none of them goes to the disk. */
export function inMemoryFolder(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize < ROOM_BYTES ? tmpdir() : MEMORY;
}

/** npm brings no symbolic links, and its folder may be closed to nobody. */
export function readableCopy(native: string): string {
  const { version } = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8')) as { version: string };
  const copy = madeOnce(`ledgerline-postgres-${version}-${process.arch}`, (making, place) => {
    cpSync(native, making, { recursive: true });
    const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
      readonly source: string;
      readonly target: string;
    }[];
    for (const { source, target } of links) {
      const link = join(making, target.replace(/^native\//, ''));
      if (!existsSync(link)) symlinkSync(join(place, source.replace(/^native\//, '')), link);
    }
    chmodSync(making, 0o755);
  });
  return join(copy, 'bin');
}

/** What initdb makes. */
export function initializedFolder(bin: string, env: NodeJS.ProcessEnv): string {
  const program = join(bin, 'initdb');
  const { size, mtimeMs } = statSync(program);
  const key = hash('sha256', [program, size, mtimeMs, process.getuid?.()].join()).slice(0, 16);
  const place = madeOnce(`ledgerline-postgres-initialized-${key}`, (making) => {
    if (isRoot) chownSync(making, NOBODY, NOBODY);
    const args = ['-D', join(making, 'data'), '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    const { status, stderr } = spawnSync(program, args, { env, ...IDENTITY, cwd: '/', encoding: 'utf8' });
    if (status !== 0) throw new Error(`initdb: ${stderr}`);
  });
  return join(place, 'data');
}

/** @param make Fills the first folder, which becomes the second. */
function madeOnce(name: string, make: (making: string, place: string) => void): string {
  const place = join(tmpdir(), name);
  if (existsSync(place)) return place;
  const making = mkdtempSync(join(tmpdir(), 'ledgerline-postgres-making-'));
  try {
    make(making, place);
    renameSync(making, place);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(place)) throw error; // Else another test was first.
  }
  return place;
}
