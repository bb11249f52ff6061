/** `npm run mutate`: what the unit specs let pass. */
export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: { configFile: 'test/mutation/jest.config.mjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  // what runs once at the import would need all specs again for each mutant
  ignoreStatic: true,
  mutate: [
    'apps/two-factor/src/{second-factor,verify}/**/*.ts',
    'apps/identity/src/{accounts,login/sso}/**/*.ts',
    'libs/{platform/src/auth,vault/src,secrets/src,totp/src}/**/*.ts',
    '!**/*.spec.ts',
    '!**/testing/**',
  ],
  // texts are told to people, and no spec repeats them
  mutator: { excludedMutations: ['StringLiteral'] },
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: 'dist/mutation.json' },
  clearTextReporter: { logTests: false, reportTests: false },
  tempDirName: 'dist/.stryker',
  ignorePatterns: ['dist', 'data', 'docs/screens', 'bench/results'],
};
