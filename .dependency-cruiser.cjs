/**
 * Who may know whom. Each rule has a fixture under test/fixtures/layers that breaks it (test/tooling/layers.spec.ts).
 * The path of a rule is matched against `apps/…`, `libs/…` and `bench/…`.
 */
const domains = '^apps/(two-factor/src/second-factor|identity/src/accounts|admin-policy/src/policy)/';
const specs = '\\.spec\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment:
        'Rules are functions of data: no framework, no engine, no bus, no clock. They know contracts and the shape of a decision.',
      severity: 'error',
      from: { path: domains, pathNot: specs },
      to: { pathNot: [domains, '^libs/contracts/', '^libs/event-store/src/decision\\.ts$', '^util$'] },
    },
    {
      name: 'domains-do-not-know-each-other',
      comment: 'What one app decides, another learns from its events.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: domains, pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-share-nothing',
      comment:
        'Apps talk over the bus. Only standalone composes them, and the command line, which works on their data.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/(standalone|cli)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'console-stands-alone',
      comment: 'The page is built away into files: it knows no code of the servers, and none of them knows it.',
      severity: 'error',
      from: { path: '^apps/console/', pathNot: specs },
      to: { path: '^(apps|libs)/', pathNot: '^apps/console/' },
    },
    {
      name: 'nothing-knows-the-console',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^apps/console/' },
      to: { path: '^apps/console/' },
    },
    {
      name: 'libs-do-not-know-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'contracts-know-nothing',
      comment: 'What crosses a border is data and schemas.',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: specs },
      to: { pathNot: ['^libs/contracts/', 'node_modules/zod/'] },
    },
    {
      name: 'client-knows-contracts-alone',
      comment: 'It is published by itself, with what it uses of the contracts.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: specs },
      to: { path: '^(apps|libs)/', pathNot: '^libs/(client|contracts)/' },
    },
    {
      name: 'apps-do-not-know-engines',
      comment:
        'No line of an app knows what stores its events or carries its messages; standalone and the command line pick them.',
      severity: 'error',
      from: { path: '^apps/', pathNot: ['^apps/(standalone|cli)/', specs] },
      to: { path: ['^libs/engine/src/(embedded|mongo)/', '^libs/messaging/src/(in-process|kafka)/'] },
    },
    {
      name: 'bench-knows-entries-alone',
      comment: 'What is inside an app may change without a benchmark: one file of theirs knows of it.',
      severity: 'error',
      from: { path: '^bench/', pathNot: '^bench/insides\\.ts$' },
      to: { path: '^apps/', pathNot: '^apps/[^/]+/src/[^/]+$' },
    },
    ...onlyIn('speakeasy', '^libs/totp/', 'It is kept no longer: one file of ours stands before it.'),
    ...onlyIn('kafkajs', '^libs/messaging/src/kafka/', 'It is kept no longer: one folder of ours stands before it.'),
    ...onlyIn('lmdb', '^libs/engine/src/embedded/', 'The embedded engine is one adapter.'),
    ...onlyIn('nodemailer', '^apps/notify/src/smtp/', 'One file speaks SMTP.'),
    ...onlyIn('mongoose', '^libs/engine/src/mongo/', 'MongoDB is one adapter.'),
    {
      name: 'opentelemetry-in-one-place',
      comment: 'What is told of a step, and that nothing is paid for it while nobody collects, stands in one library.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/tracing/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    {
      name: 'opentelemetry-sdk-in-one-place',
      comment: 'The SDK is loaded where traces are collected, and nowhere else.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/tracing/src/sdk/' },
      to: { path: 'node_modules/@opentelemetry/(?!api/)' },
    },
    {
      name: 'opentelemetry-sdk-when-asked',
      comment: 'A static import would load it for everybody.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/tracing/src/sdk/' },
      to: { path: '^libs/tracing/src/sdk/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '/testing/'] },
      to: { path: ['^test/', '/testing/', specs] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '/testing/', '^apps/console/'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: require('node:path').join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};

function onlyIn(library, folder, comment) {
  return [
    {
      name: `${library}-in-one-place`,
      comment,
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: folder },
      to: { path: `node_modules/(@types/)?${library}/` },
    },
  ];
}
