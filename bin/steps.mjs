/** The steps of `npm run verify` and `npm run check`: each is run to its end, timed and counted, whatever the others did. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, PROJECT, SetupError } from './install.mjs';
import { countTests, merge } from './jest-report.mjs';
import { findNode26 } from './launcher.mjs';

const EXIT_MISSING = 3;
/** After its report is written, jest may take so long to end; then something was left running, which is a failure. */
const JEST_GRACE_MS = 30_000;
/** Biome colors its report wherever it goes, unless asked not to. */
const plain = process.stdout.isTTY ? [] : ['--colors=off'];
const required = process.env.CI === 'true' || process.env.TEST_REQUIRE_BACKENDS === '1';
const passed = { passed: 1, failures: [], skips: [] };
const failed = (reason) => ({ passed: 0, failures: [reason], skips: [] });

/** Group leaders of children that run now, so that Ctrl-C reaches their children too. */
const running = new Set();
let interrupted = false;

export const packages = {
  title: 'packages (npm ci, where needed)',
  run: async () => {
    try {
      await install();
      return passed;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(error.message);
      return { ...failed(error.message.split('\n')[0]), final: true };
    }
  },
};

export const backends = {
  title: 'the servers that tests need',
  run: async () => {
    const lines = [];
    const code = await node26(['bin/backends.ts'], (line) => lines.push(line));
    if (code === 0) return passed;
    const missing = lines.filter((line) => line.includes(': missing'));
    if (code !== EXIT_MISSING) return failed(`bin/backends.ts ended with exit code ${code}`);
    if (required) return failed(missing.join('; '));
    return { passed: 0, failures: [], skips: [{ count: 1, what: missing.join('; ') }] };
  },
};

const command = (title, args) => ({
  title,
  run: async () => {
    const code = await node26(args);
    return code === 0 ? passed : failed(`exit code ${code}`);
  },
});

export const types = command('types (tsc)', ['node_modules/typescript/bin/tsc', '-p', '.']);
export const lint = command('lint and format (biome)', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', ...plain]);
export const generated = command('generated files are up to date', ['bin/generate.ts', '--check']);

export const tests = (title, paths) => ({
  title,
  run: async () => {
    const first = await jest(paths);
    if (first.again.length === 0 || interrupted) return first;
    console.log(`\nOnce more, with nothing beside it: ${first.again.join(', ')}`);
    return merge(first, await jest(['--maxWorkers=1', '--runTestsByPath', ...first.again]));
  },
});

/** Runs jest with these arguments, and accounts for what it reports. */
async function jest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-verify-'));
  try {
    const report = join(folder, 'jest.json');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const command = [...flags, 'node_modules/jest/bin/jest.js', '--ci', '--json', `--outputFile=${report}`, ...args];
    return countTests(await node26(command, undefined, report), report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the steps and prints the account of them; its last line is `N passed, N failed, N skipped`. */
export async function runSteps(steps) {
  stopChildrenOnSignal();
  const total = { passed: 0, failures: [], skips: [], recovered: [] };
  const started = performance.now();
  for (const step of steps) {
    console.log(`\n── ${step.title}`);
    const begun = performance.now();
    const result = await step.run();
    const mark = result.failures.length > 0 ? '✗' : result.skips.length > 0 ? '○' : '✓';
    console.log(`${mark} ${step.title}: ${seconds(begun)}`);
    total.passed += result.passed;
    total.failures.push(...result.failures.map((what) => `${step.title}: ${what}`));
    total.skips.push(...result.skips);
    total.recovered.push(...(result.recovered ?? []));
    if (result.final || interrupted) break;
  }
  summarize(total, seconds(started));
  process.exitCode = total.failures.length === 0 ? 0 : 1;
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function summarize({ passed: good, failures, skips, recovered }, took) {
  console.log(`\nAll of it took ${took}.`);
  for (const { count: number, what } of skips) console.log(`skipped (${number}): ${what}`);
  for (const what of recovered) console.log(`passed at the second attempt: ${what}`);
  for (const what of failures) console.log(`failed: ${what}`);
  const skipped = skips.reduce((sum, skip) => sum + skip.count, 0);
  console.log(`${good} passed, ${failures.length} failed, ${skipped} skipped`);
}

/**
 * Runs a script on Node 26 in a process group of its own. Resolves to its exit code, or to null when it was ended, by a
 * signal or because it wrote its report and then did not end.
 */
function node26(args, onLine, report) {
  const child = spawn(findNode26(), args, { cwd: PROJECT, detached: true, stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'] });
  running.add(child.pid);
  if (onLine) tee(child.stdout, onLine);
  const watch = report && setInterval(() => existsSync(report) && setTimeout(() => endGroup(child.pid, 'SIGKILL'), JEST_GRACE_MS).unref(), 1_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      endGroup(child.pid, 'SIGKILL'); // What a step leaves running does not outlive it.
      running.delete(child.pid);
      resolve(code);
    });
  });
}

function tee(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    process.stdout.write(chunk);
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    lines.forEach(onLine);
  });
}

function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group is gone.
  }
}

function stopChildrenOnSignal() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      interrupted = true;
      for (const pid of running) endGroup(pid, 'SIGTERM');
      console.error(`\nInterrupted by ${signal}; nothing is left running.`);
      setTimeout(() => {
        for (const pid of running) endGroup(pid, 'SIGKILL');
        process.exit(130);
      }, 1_000);
    });
  }
}
