/** Installs the packages of package-lock.json where they are missing or older than it. Plain JavaScript: Node 20 runs this. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMissingNode, findNode26 } from './launcher.mjs';

export const PROJECT = join(import.meta.dirname, '..');
const LOCKFILE = join(PROJECT, 'package-lock.json');
const MODULES = join(PROJECT, 'node_modules');
/** npm writes it as the last thing of an installation. */
const INSTALLED = join(MODULES, '.package-lock.json');
/** Holds the digest of the lockfile that was installed, so that the usual case is one comparison. */
const STAMP = join(MODULES, '.ledgerline-installed');

const REMEDIES = [
  [
    /EACCES|EPERM|EROFS/,
    'npm may not write here. Make the project folder and npm\'s cache writable for this user ("npm config get cache" names the cache).',
  ],
  [/ENOSPC/, 'The disk is full. The packages need 500 MB.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/,
    'The package registry cannot be reached. Check the network and its proxy ("npm ping" tests both), then try again.',
  ],
  [/E401|E403/, 'The package registry refuses access. Check the credentials in your .npmrc ("npm ping" tests them).'],
  [/E404|ETARGET/, 'The package registry lacks a package. Check which registry your .npmrc names ("npm config get registry").'],
  [/EINTEGRITY/, 'A package is not what the lockfile says. Run "npm cache verify" and try again.'],
  [/EUSAGE/, 'package.json and package-lock.json disagree. Restore both from the repository, or run "npm install" if you changed one.'],
];

/** An expected failure: one sentence and the remedy, no stack. */
export class SetupError extends Error {}

export function isInstalled() {
  if (!existsSync(INSTALLED) || findNode26() === undefined) return false;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest()) return true;
  return holdsWhatIsWanted(readPackages(INSTALLED), readPackages(LOCKFILE));
}

const readPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};

/** For a folder that was copied, linked or filled by npm alone. Optional packages of other systems are never installed. */
function holdsWhatIsWanted(installed, wanted) {
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
  });
}

/** Resolves when everything is there; says so only when there was something to do. @throws SetupError */
export async function install() {
  if (isInstalled()) return;
  refuseLink();
  console.log('Installing the packages of package-lock.json, Node 26 among them (about a minute) …');
  const started = performance.now();
  const { code, stderr } = await npmCi();
  if (code !== 0) throw new SetupError(describeFailure(stderr));
  if (findNode26() === undefined) {
    throw new SetupError(`The packages are installed, but not Node 26. ${describeMissingNode()}`);
  }
  writeFileSync(STAMP, digest());
  console.log(`Installed in ${Math.round((performance.now() - started) / 1000)} s.`);
}

/** `npm ci` empties what a link points to, and with it every other checkout that shares it. */
function refuseLink() {
  if (!lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupError(
    'node_modules is a link, and what it points to is not what package-lock.json wants; installing would empty it.\nRemove the link and try again.',
  );
}

export function describeFailure(stderr) {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'npm\'s own words are above; "npm ci" repeats it on its own.';
  return `The packages could not be installed ("npm ci" failed).\n${remedy}`;
}

const digest = () => createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');

function npmCi() {
  // Under "npm run" this is the very npm that runs us, also on systems where npm is a script and no program.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  return new Promise((resolve, reject) => {
    // Whatever the machine's own npm configuration says: no script of a package runs, and Node 26 is an optional package.
    const child = spawn(command, [...first, 'ci', '--loglevel=error', '--ignore-scripts', '--include=optional'], {
      cwd: PROJECT,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
      process.stderr.write(chunk);
    });
    child.on('error', () => reject(new SetupError('There is no npm on the PATH.\nInstall Node.js 20 or newer together with npm, then try again.')));
    child.on('close', (code) => resolve({ code, stderr }));
  });
}
