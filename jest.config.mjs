export default {
  testEnvironment: 'node',
  // Cleaning globals wraps shared objects anew after each file, until a long-lived worker runs out of stack.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  // Modules of finished files stay in a worker; a fresh one is cheaper than a full memory.
  workerIdleMemoryLimit: '1500MB',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript', tsx: false }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['**/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // Only what hangs may reach it, on a machine that is kept busy by others too.
  testTimeout: 180_000,
};
