import { availableParallelism } from 'node:os';

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

const setup = (name) => `<rootDir>/test/setup/${name}`;
/** Specs that start processes: of what is built from the sources as they are. */
const built = { globalSetup: setup('built.mjs') };
/** Specs on one Kafka and one MongoDB, which they share by names of their own. */
const onServers = {
  globalSetup: setup('servers.mjs'),
  globalTeardown: setup('servers-down.mjs'),
  setupFilesAfterEnv: [setup('on-servers.mjs')],
};
const onServersOnly = '/(mongo|kafka)/.*\\.int\\.spec\\.ts$';

/** The stages that `npm test` names, in the order of its table. */
const stages = {
  unit: [
    ['{apps,libs}/**/*.unit.spec.ts', 'test/simulation/**/*.unit.spec.ts'],
    { globalSetup: setup('console-types.mjs') },
  ],
  integration: [['{apps,libs}/**/*.int.spec.ts'], { testPathIgnorePatterns: [onServersOnly] }],
  rules: [['test/rules/**/*.spec.ts'], built],
  attacks: [['test/attacks/**/*.spec.ts'], built],
  tooling: [['test/tooling/**/*.spec.ts'], built],
  simulation: [['test/simulation/*.spec.ts'], built],
  browser: [['test/browser/**/*.spec.ts'], built],
  faults: [['test/faults/**/*.spec.ts'], { ...built, testPathIgnorePatterns: ['/test/faults/servers/'] }],
  servers: [['libs/**/{mongo,kafka}/**/*.int.spec.ts'], onServers],
  'rules-on-servers': [['test/rules/**/*.spec.ts'], onServers],
  'attacks-on-servers': [['test/attacks/**/*.spec.ts'], onServers],
  'faults-on-servers': [['test/faults/servers/**/*.spec.ts'], onServers],
  instances: [['test/instances/**/*.spec.ts'], onServers],
  ecosystem: [['test/ecosystem/**/*.spec.ts'], built],
};

export default {
  // Most specs wait for most of their time: for a process, a disk, a broker.
  maxWorkers: Math.max(3, 2 * availableParallelism()),
  testTimeout: 120_000,
  testSequencer: './test/setup/sequencer.mjs',
  projects: Object.entries(stages).map(([displayName, [testMatch, more = {}]]) => ({
    ...shared,
    displayName,
    testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
    ...more,
  })),
};
