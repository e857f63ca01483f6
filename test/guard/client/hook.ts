/** The guard's scripts as the client runs them: a process of a shell, the input on its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { codeOf } from '../../../collector/core/error-code.ts';
import { PROJECT } from '../../support/sources.ts';

export const CLIENT = join(PROJECT, 'collector/guard/client');
export const GUARD = join(CLIENT, 'guard.sh');

export type Shell = readonly [string, ...string[]];
const WANTED: readonly Shell[] = [['sh'], ['dash'], ['bash', '--posix'], ['bash'], ['busybox', 'ash']];

/** Where programs are looked for. */
export const PATH = [process.env.TEST_BIN_DIR ?? '', process.env.PATH ?? ''].filter((part) => part !== '').join(delimiter);

/** The shells of this machine, from $TEST_BIN_DIR or the PATH. */
export const SHELLS: readonly Shell[] = WANTED.filter(([name]) => PATH.split(delimiter).some((folder) => isExecutable(join(folder, name))));
/** One of each kind: sh is one of the others, and bash differs little in its two modes. */
export const DISTINCT_SHELLS: readonly Shell[] = SHELLS.length > 1 ? SHELLS.filter(([name, mode]) => name !== 'sh' && mode !== '--posix') : SHELLS;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

export interface Hooked {
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: Shell;
}

/** Runs a script to its end, and until nobody holds its output: a hook that leaves a process with it keeps the client waiting. */
export async function runScript(script: string, args: readonly string[], input: string, { env = {}, shell = ['sh'] }: Hooked = {}): Promise<Ended> {
  const [program, ...options] = shell;
  // On a busy machine an answer takes its time.
  const child = spawn(program, [...options, script, ...args], { env: { PATH, LEDGERLINE_GUARD_TIMEOUT_SECONDS: '12', ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
  });
  // A script may end before it has read all; the client does not mind either.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return { out, err, code: child.exitCode };
}

export const hook = (input: string, hooked?: Hooked): Promise<Ended> => runScript(GUARD, [], input, hooked);

/** A folder for the guard's answers. */
export class Cache {
  readonly folder = mkdtempSync(join(tmpdir(), 'ledgerline-guard-'));
  readonly answers = join(this.folder, 'guard');

  get files(): string[] {
    return readdirSync(this.answers).sort();
  }

  read(name: string): string {
    return readFileSync(join(this.answers, name), 'utf8');
  }

  /** As if everything in it had been written so many seconds earlier. */
  age(seconds: number): void {
    for (const name of this.files) {
      try {
        const [, stamp = '', rest = ''] = /^(\d+)([\s\S]*)$/.exec(this.read(name)) ?? [];
        writeFileSync(join(this.answers, name), `${Number(stamp) - seconds}${rest}`);
      } catch (error) {
        // A question that goes on in the background took its mark away.
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  remove(): void {
    chmodSync(this.folder, 0o700);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
