/**
 * Brings the servers that tests need onto this machine: nothing to do where a container engine answers or the binaries
 * are on the PATH; else, on Debian, its packages are unpacked into .cache/backends, which needs no root and starts no
 * service. Chromium needs shared libraries, so it is installed, where that is permitted. Safe to run again.
 * Exit code 0: all there. 3: some are missing, each named with the reason on a line of its own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKENDS, type BackendName, CACHE, containerEngineAnswers, findBackend, findNative } from '../test/support/backends-find.ts';

const EXIT_MISSING = 3;
const NAMES = Object.keys(BACKENDS) as BackendName[]; // The record's own keys, which Object.keys widens to string.

if (await containerEngineAnswers()) {
  console.log('A container engine answers: the tests start their servers in containers.');
} else {
  process.exitCode = provideNatively() ? 0 : EXIT_MISSING;
}

function provideNatively(): boolean {
  const failed = new Map<string, string>();
  for (const name of NAMES) {
    const { debianPackage } = BACKENDS[name];
    if (debianPackage === undefined) continue; // npm has brought it.
    if (findNative(BACKENDS[name]) === undefined && !failed.has(debianPackage)) {
      const reason = name === 'chromium' ? install(debianPackage) : unpack(debianPackage);
      if (reason !== '') failed.set(debianPackage, reason);
    }
    const path = findNative(BACKENDS[name]);
    console.log(`${name}: ${path ?? `missing, ${failed.get(debianPackage) ?? `Debian's package ${debianPackage} does not hold it`}`}`);
  }
  return NAMES.every((name) => findBackend(name).kind !== 'none');
}

/** @returns the reason why the package is not there, or '' */
function unpack(name: string): string {
  if (!isDebian()) return 'this is not Debian: put the binary on the PATH or into $TEST_BIN_DIR';
  console.log(`Unpacking Debian's package ${name} into .cache/backends …`);
  mkdirSync(CACHE, { recursive: true });
  const scratch = mkdtempSync(join(CACHE, 'unpacking-'));
  try {
    const problem = download(name, scratch);
    if (problem !== '') return problem;
    const file = readdirSync(scratch).find((entry) => entry.endsWith('.deb'));
    const unpacked = join(scratch, 'unpacked');
    const extracted = run('dpkg', ['-x', join(scratch, file ?? ''), unpacked], scratch);
    if (extracted !== '') return extracted;
    if (name === BACKENDS.alertmanager.debianPackage) makeAlertmanagerMovable(unpacked);
    rmSync(join(CACHE, name), { recursive: true, force: true });
    renameSync(unpacked, join(CACHE, name));
    return '';
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Debian's Alertmanager reads its templates from one fixed folder, which does not exist unless it is installed. In our
 * copy that folder becomes the working directory (same length, so nothing in the binary moves), and a script goes there.
 */
function makeAlertmanagerMovable(root: string): void {
  const fixed = '/usr/share/prometheus/alertmanager';
  const binary = join(root, 'usr/bin/prometheus-alertmanager');
  const bytes = readFileSync(binary);
  for (let at = bytes.indexOf(fixed); at >= 0; at = bytes.indexOf(fixed, at)) bytes.write('.'.padEnd(fixed.length, '/'), at);
  writeFileSync(binary, bytes);
  const script = '#!/bin/sh\ncd "$(dirname "$0")/../share/prometheus/alertmanager" && exec ../../../bin/prometheus-alertmanager "$@"\n';
  writeFileSync(join(root, 'usr/bin/alertmanager'), script, { mode: 0o755 });
}

/** With the machine's package lists, or where those are missing or old with lists of our own, which need no root. */
function download(name: string, folder: string): string {
  if (run('apt-get', ['download', '-o', 'APT::Sandbox::User=', name], folder) === '') return '';
  const lists = join(CACHE, 'apt');
  mkdirSync(join(lists, 'lists/partial'), { recursive: true });
  mkdirSync(join(lists, 'cache/archives/partial'), { recursive: true });
  const own = ['-o', 'APT::Sandbox::User=', '-o', `Dir::State::Lists=${join(lists, 'lists')}`, '-o', `Dir::Cache=${join(lists, 'cache')}`];
  return run('apt-get', ['update', ...own], folder) || run('apt-get', ['download', ...own, name], folder);
}

function install(name: string): string {
  if (!isDebian()) return 'this is not Debian: put the binary on the PATH';
  if (process.getuid?.() !== 0) return `installing it needs root: \`sudo apt-get install ${name}\``;
  console.log(`Installing Debian's package ${name} …`);
  return run('apt-get', ['update'], '/') || run('apt-get', ['install', '-y', '--no-install-recommends', name], '/');
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** @returns the command's own last words when it failed, or '' */
function run(command: string, args: readonly string[], cwd: string): string {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error) return `${command} could not be run: ${error.message}`;
  if (status === 0) return '';
  const lines = `${stdout}\n${stderr}`.trim().split('\n');
  return `\`${command} ${args[0]}\` failed: ${lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1) ?? `exit code ${status}`}`;
}
