/** One run at a time in the folder of a scheduled export: of two, the later one would write a manifest of files that the other has replaced. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { isRunningElsewhere } from './files.ts';

const NAME = '.running';
/** Whoever takes away what is left shows itself by a file with its number behind this. */
const CLEARING = '.running.clearing.';
const MODE = 0o640;
const RENEWED_MS = MINUTE_MS;
/** One that was not renewed for so long is of a run that was killed, also on another machine. */
const LEFT_MS = 10 * MINUTE_MS;

/** Rejects with `unavailable` while another process does the same. */
export async function whileAlone<Answer>(folder: string, work: () => Promise<Answer>): Promise<Answer> {
  const file = join(folder, NAME);
  take(folder);
  const renewing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), RENEWED_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await rm(file, { force: true });
  }
}

const ownNumber = (): string => `${process.pid} ${hostname()}`;

/** Without a pause, so that hardly any kill leaves a file without its number. */
function take(folder: string): void {
  const file = join(folder, NAME);
  if (isLeft(file, textOf(file))) clear(folder);
  try {
    writeFileSync(file, ownNumber(), { flag: 'wx', mode: MODE });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new LedgerlineError('unavailable', `Another run is writing the files of this export (${file}).`, {
      cause,
      hint: 'Try again when it is done; the collector does so by itself.',
    });
  }
}

/** Who is not the only one to clear leaves it: of two that saw the same file, the later one would take away what the other has made of it. */
function clear(folder: string): void {
  const file = join(folder, NAME);
  const own = `${CLEARING}${ownNumber()}`;
  writeFileSync(join(folder, own), '', { mode: MODE });
  try {
    const others = readdirSync(folder).filter((name) => name.startsWith(CLEARING) && name !== own);
    const left = others.filter((name) => isLeft(join(folder, name), name.slice(CLEARING.length)));
    for (const name of left) rmSync(join(folder, name), { force: true });
    if (left.length === others.length && isLeft(file, textOf(file))) rmSync(file, { force: true });
  } finally {
    rmSync(join(folder, own), { force: true });
  }
}

/** Of a process that is gone, or of one that had this one's number. */
function isLeft(file: string, number: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.mtimeMs < Date.now() - LEFT_MS) return true;
  const [, pid, host] = /^(\d+) (.*)$/.exec(number) ?? [];
  return host === hostname() && !isRunningElsewhere(Number(pid));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // There is none any more.
  }
}
