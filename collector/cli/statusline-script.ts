/** The script of the status line in the client's settings, and how it is started from here. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SCRIPTS_FOLDER } from './guard-scripts.ts';
import type { Fleet } from './guard-settings.ts';

export const STATUSLINE_SCRIPT = 'statusline.sh';
/** The status line is drawn anew so often while nothing happens: figures that were fetched meanwhile appear. */
const REFRESH_SECONDS = 30;

/** The block `statusLine` of the client's settings. What older clients make of `refreshInterval` in managed settings is not known. */
export const statusLineBlock = (command: string, fleet: Fleet = 'new'): object => ({
  type: 'command',
  command,
  ...(fleet === 'new' && { refreshInterval: REFRESH_SECONDS }),
});

/** The blocks `env` and `statusLine`. */
export const statuslineSettings = (command: string): object => ({
  env: { LEDGERLINE_URL: 'https://ledgerline.example.com', LEDGERLINE_TOKEN: 'REPLACE-WITH-THE-TOKEN' },
  statusLine: statusLineBlock(command),
});

/** Runs it on the input of this process. Resolves to its exit code; rejects where there is no shell. */
export function runStatusline(args: readonly string[]): Promise<number> {
  const child = spawn('sh', [join(SCRIPTS_FOLDER, STATUSLINE_SCRIPT), ...args], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 0));
  });
}
