/**
 * Tests run on real servers and on machines with other work: a case may take long, and one that hangs still ends. What a test waits for
 * has a time of its own below this one (test/support/wait.ts), so that a failure names what did not come.
 */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  testTimeout: 240_000,
  maxWorkers: 2,
};
