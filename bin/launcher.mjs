import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const MAJOR = 26;
/** EX_CONFIG of sysexits.h: the machine is not set up, retrying changes nothing. */
const EXIT_NOT_INSTALLED = 78;
const QUIET = ['--disable-warning=ExperimentalWarning'];
const NPM_CHECK_MS = 100;

/** The Node 26 that npm installed as a dependency, or this one when it is new enough. Undefined when there is none. */
export function findNode26() {
  if (Number(process.versions.node.split('.')[0]) >= MAJOR) return process.execPath;
  const require = createRequire(import.meta.url);
  const platform = `${process.platform}-${process.arch}`;
  // The binary's package is named differently on some systems; "node" itself holds a copy after its install script ran.
  for (const name of ['node', `node-${platform}`, `node-bin-${platform}`]) {
    try {
      const file = join(dirname(require.resolve(`${name}/package.json`)), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(file)) return file;
    } catch {
      // Not installed under this name.
    }
  }
  return undefined;
}

/**
 * Becomes Node 26 with these arguments: same terminal, same signals, same exit code. A terminal sends Ctrl-C and its own
 * end to every process in it, so those are passed on only where there is no terminal: the child gets each exactly once.
 */
export function runOnNode26(args) {
  const node = findNode26();
  if (node === undefined) {
    console.error(
      `Ledgerline needs Node ${MAJOR}, which npm installs with it, but it is not there.\nRun "npm ci" (without --ignore-scripts) and try again.`,
    );
    process.exit(EXIT_NOT_INSTALLED);
  }
  const child = spawn(node, [...QUIET, ...args], { stdio: 'inherit' });
  const terminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => terminal || child.kill(signal));
  endWithNpm(child);
  child.on('error', (error) => {
    console.error(`Node ${MAJOR} could not be started: ${error.message}`);
    process.exit(EXIT_NOT_INSTALLED);
  });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

/**
 * npm passes a signal on to the shell it started, which dies of it without telling us. Without this, whoever stops
 * "npm run up" by its process id would leave a collector behind that nobody owns. A parent that is gone shows by a new one.
 */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, NPM_CHECK_MS).unref();
}
