import { startMongo } from '#test/support/servers/mongo.js';
import { until } from '#test/support/until.js';
import { createLogger } from '../observing/logger.js';
import { start } from '../running/start.js';
import { freePort } from '../testing/free-port.js';
import { sampleApp } from '../testing/sample-app.js';
import { testConfig } from '../testing/stand-ins.js';

const mongo = await startMongo({ own: true });
const server = 'missing' in mongo ? undefined : mongo.process;
const reason = 'missing' in mongo ? mongo.missing : 'it is not ours to stop';

(server ? describe : describe.skip)(server ? 'a MongoDB that comes late' : reason, () => {
  afterAll(async () => {
    if (!('missing' in mongo)) await mongo.stop();
  });

  it('is used as soon as it is there', async () => {
    if (!server || 'missing' in mongo) throw new Error(reason);
    await server.kill();
    const port = await freePort();
    const config = { ...testConfig, port, mongoUrl: mongo.url };
    const starting = start([sampleApp], {
      config,
      logger: createLogger('silent'),
      waiting: AbortSignal.timeout(25_000),
    });
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status;
    await expect(ready()).resolves.toBe(503);
    await server.start();
    const started = await starting;
    await until('it is ready', async () => (await ready()) === 200);
    await started.close();
  });
});
