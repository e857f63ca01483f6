/** The scripts that clients run instead of this command, and how they are started from here. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SCRIPTS_FOLDER = join(import.meta.dirname, '../guard/client');

export type GuardShell = 'sh' | 'powershell';
/** What is installed for each, the hook first. */
export const GUARD_SCRIPTS: Readonly<Record<GuardShell, readonly [string, ...string[]]>> = {
  sh: ['guard.sh', 'run.sh'],
  powershell: ['guard.ps1'],
};

export const ownShell = (): GuardShell => (process.platform === 'win32' ? 'powershell' : 'sh');

/** In a script that has its programs in files beside it: where it stands, and the files. */
const PROGRAMS = /^case \$0 in .*\nPROGRAM=\$\(cat (.*) 2>\/dev\/null\)$/m;
const read = (name: string): string => readFileSync(join(SCRIPTS_FOLDER, name), 'utf8');

/** As it is installed: one file, with its programs in it. */
export const readScript = (name: string): string =>
  read(name).replace(PROGRAMS, (_, files: string) => {
    const programs = [...files.matchAll(/\/([\w-]+\.awk)"/g)].map(([, file = '']) => read(file));
    return `PROGRAM='\n${programs.join('')}'`;
  });

/** What a shell is started with to run the script. */
const startOf = (shell: GuardShell, file: string): readonly [string, ...string[]] =>
  shell === 'sh' ? ['sh', file] : ['powershell', '-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', file];

/**
 * As the client's settings name it: a line for a shell. The script itself, not `sh` with it: some shells end with 2 where it is missing, and
 * with that a hook blocks every prompt.
 */
export function hookCommand(shell: GuardShell, file: string): string {
  if (shell === 'sh') return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
  return startOf(shell, `"${file}"`).join(' ');
}

export interface GuardInput {
  readonly env: NodeJS.ProcessEnv;
  /** Its standard input. Undefined: that of this process. Then its output goes where that of this process goes, too. */
  readonly input?: string;
}

/** Runs the hook to its end. Rejects where there is no shell. */
export function runGuard({ env, input }: GuardInput): Promise<void> {
  const shell = ownShell();
  const [program, ...args] = startOf(shell, join(SCRIPTS_FOLDER, GUARD_SCRIPTS[shell][0]));
  const child = spawn(program, args, { env, stdio: input === undefined ? 'inherit' : ['pipe', 'ignore', 'inherit'] });
  child.stdin?.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}
