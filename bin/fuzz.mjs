#!/usr/bin/env node
/**
 * `npm run fuzz -- --minutes N`: the suites of hostile input again and again, each time with another seed, until the time is over or one
 * fails. Its last line names the seed that repeats it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, PROJECT, SetupError } from './install.mjs';
import { findNode26 } from './launcher.mjs';

const SUITES = ['fuzz\\.test', 'hostile\\.test'];
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(PROJECT, 'node_modules/jest/bin/jest.js'), '--ci'];

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } });
const minutes = Number(values.minutes);
if (Number.isFinite(minutes) && minutes > 0) await fuzz(Date.now() + minutes * 60_000);
else fail(`--minutes: must be a number above 0, not "${values.minutes}"`);

async function fuzz(endMs) {
  try {
    await install();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    fail(error.message);
    return;
  }
  let rounds = 0;
  do {
    const seed = String(Math.floor(Math.random() * 2 ** 31));
    const env = { ...process.env, LEDGERLINE_TEST_SEED: seed };
    const { status } = spawnSync(findNode26(), [...JEST, ...SUITES], { cwd: PROJECT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    rounds++;
    if (status !== 0) {
      fail(`Round ${rounds} failed. Repeat it with LEDGERLINE_TEST_SEED=${seed} npm test -- ${SUITES.map((suite) => `'${suite}'`).join(' ')}`);
      return;
    }
  } while (Date.now() < endMs);
  console.log(`${rounds} rounds, 0 failed`);
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
