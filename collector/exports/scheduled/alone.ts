/** One run at a time in the folder of a scheduled export: of two, the later one would write a manifest of files that the other has replaced. */
import { type FileHandle, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { isRunningElsewhere } from './files.ts';

const NAME = '.running';
const RENEWED_MS = MINUTE_MS;
/** One that was not renewed for so long is of a run that was killed, also on another machine. */
const LEFT_MS = 10 * MINUTE_MS;

/** Rejects with `unavailable` while another process does the same. */
export async function whileAlone<Answer>(folder: string, work: () => Promise<Answer>): Promise<Answer> {
  const file = join(folder, NAME);
  const handle = await take(file);
  const renewing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), RENEWED_MS);
  try {
    await handle.writeFile(`${process.pid} ${hostname()}`);
    return await work();
  } finally {
    clearInterval(renewing);
    await handle.close();
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<FileHandle> {
  if (await isLeft(file)) await rm(file, { force: true });
  try {
    return await open(file, 'wx', 0o640);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new LedgerlineError('unavailable', `Another run is writing the files of this export (${file}).`, {
      cause,
      hint: 'Try again when it is done; the collector does so by itself.',
    });
  }
}

/** Of a process that is gone, or of one that had this one's number. */
async function isLeft(file: string): Promise<boolean> {
  try {
    if ((await stat(file)).mtimeMs < Date.now() - LEFT_MS) return true;
    const [, pid, host] = /^(\d+) (.*)$/.exec(await readFile(file, 'utf8')) ?? [];
    return host === hostname() && !isRunningElsewhere(Number(pid));
  } catch {
    return false; // There is none any more.
  }
}
