import { jest } from '@jest/globals';

// an app there waits for its share of the topics
jest.setTimeout(180_000);
process.env.TWINLOCK_TEST_ENGINE = 'kafka-mongo';

const missing = process.env.TWINLOCK_NO_SERVERS;
if (missing) {
  const { skip } = describe;
  globalThis.describe = Object.assign((name, suite) => skip(`${name}: ${missing}`, suite), { skip, each: skip.each });
  globalThis.it = globalThis.test = it.skip;
  globalThis.beforeAll = globalThis.afterAll = () => undefined;
}
