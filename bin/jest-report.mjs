/** What jest reports, in the words of our account. */
import { existsSync, readFileSync } from 'node:fs';
import { PROJECT } from './install.mjs';

/**
 * With more files than these something is broken, and a second run would only take time. With fewer it is often the machine: among twelve
 * thousand tests on real servers, one waits too long on a day when the machine does much else.
 */
const MOST_AGAIN = 3;

const failed = (reason) => ({ isWhole: false, passed: 0, failures: [reason], skips: [], again: [] });

/**
 * The account of a run: `failures`, a line each, and `again`, the files worth a second run. A file that fails outside its tests, as it is loaded
 * or cleared away, counts as one failure. `code` is jest's exit code, null when it had to be ended.
 */
export function countTests(code, file) {
  if (!existsSync(file)) return failed(`jest ended with exit code ${code} and without a report`);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const failures = [];
  const skips = new Map();
  const again = [];
  for (const result of report.testResults) {
    const path = result.name.slice(PROJECT.length + 1);
    const broken = failuresOf(result);
    if (broken.length > 0) again.push(path);
    failures.push(...broken.map((what) => `${path}: ${what}`));
    for (const { status, fullName } of result.assertionResults) {
      if (status === 'pending' || status === 'todo') count(skips, `${path}: ${/^.*?\[skipped: .*?\](?= |$)/.exec(fullName)?.[0] ?? fullName}`);
    }
  }
  if (code === null) failures.push('jest did not end: something was left running');
  else if (code !== 0 && failures.length === 0) failures.push(`jest ended with exit code ${code}`);
  const isWhole = code !== null;
  return {
    isWhole,
    passed: report.numPassedTests,
    failures,
    skips: [...skips].map(([what, number]) => ({ count: number, what })),
    again: isWhole && again.length <= MOST_AGAIN ? again : [],
  };
}

/** Both runs as one account: what fails twice has failed, and what passes at the second attempt is named. A second run that broke off proves nothing. */
export function merge(first, second) {
  if (!second.isWhole) return { ...first, failures: [...first.failures, ...second.failures] };
  const recovered = first.failures.filter((what) => !second.failures.includes(what));
  return { passed: first.passed + recovered.length, failures: second.failures, skips: first.skips, recovered };
}

function failuresOf({ status, message, assertionResults }) {
  const tests = assertionResults.filter(({ status: outcome }) => outcome === 'failed').map(({ fullName }) => fullName);
  return status === 'failed' && tests.length === 0 ? [firstWords(message)] : tests;
}

/** Jest puts a heading of its own before the reason. */
const firstWords = (message) =>
  message
    .split('\n')
    .map((line) => line.replace('● Test suite failed to run', '').trim())
    .find((line) => line !== '') ?? '';

const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
