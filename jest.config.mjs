import { join } from 'node:path';

/** Tests start hundreds of processes: from the second on they find their code compiled, a third of the time of a start. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.cache/node');

/**
 * Tests run on real servers and on machines with other work: a case may take long, and one that hangs still ends. What a test waits for
 * has a time of its own below this one (test/support/wait.ts), so that a failure names what did not come.
 */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  testTimeout: 240_000,
  maxWorkers: 2,
};
