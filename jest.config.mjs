/** One Jest for all: `--selectProjects unit` takes a minute, the rest starts real servers. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^#(apps|libs|test)/(.*)\\.js$': '<rootDir>/$1/$2',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const project = (displayName, testMatch, more = {}) => ({ ...shared, displayName, testMatch, ...more });

/** Specs that bring up a Kafka or a MongoDB. */
const servers = '/(mongo|kafka)/.*\\.int\\.spec\\.ts$';

export default {
  testTimeout: 30_000,
  projects: [
    project('unit', ['<rootDir>/{apps,libs}/**/*.unit.spec.ts']),
    project('integration', ['<rootDir>/{apps,libs}/**/*.int.spec.ts'], { testPathIgnorePatterns: [servers] }),
    project('servers', ['<rootDir>/libs/**/{mongo,kafka}/**/*.int.spec.ts']),
    project('rules', ['<rootDir>/test/rules/**/*.spec.ts']),
    project('attacks', ['<rootDir>/test/attacks/**/*.spec.ts']),
    project('faults', ['<rootDir>/test/faults/**/*.spec.ts'], { testPathIgnorePatterns: ['/test/faults/servers/'] }),
    project('server-faults', ['<rootDir>/test/faults/servers/**/*.spec.ts']),
    project('browser', ['<rootDir>/test/browser/**/*.browser.spec.ts']),
    project('instances', ['<rootDir>/test/instances/**/*.spec.ts']),
    project('tooling', ['<rootDir>/test/tooling/**/*.spec.ts']),
  ],
};
