import { createLogger } from '../observing/logger.js';
import { start } from './start.js';
import { sampleApp } from '../testing/sample-app.js';
import { testConfig } from '../testing/stand-ins.js';
import { freePort } from '../testing/free-port.js';

describe('a start without its store', () => {
  it('serves health, answers 503, and tells once what it waits for', async () => {
    const port = await freePort();
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(line) });
    const config = { ...testConfig, port, mongoUrl: 'mongodb://127.0.0.1:1/twinlock' };
    const waiting = new AbortController();
    const starting = start([sampleApp], { config, logger, waiting: waiting.signal });
    const ended = expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    try {
      const ask = async (path: string) => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        const body = await response.json();
        return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
      };
      await expect(ask('/health/live')).resolves.toMatchObject({ status: 200 });
      await expect(ask('/health/ready')).resolves.toMatchObject({
        status: 503,
        body: { status: 'unavailable', apps: { identity: 'starting' } },
      });
      await expect(ask('/v1/me')).resolves.toMatchObject({
        status: 503,
        retryAfter: '1',
        body: { code: 'unavailable', detail: 'identity is starting.' },
      });
      while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        expect.objectContaining({
          level: 'warn',
          msg: expect.stringMatching(/^MongoDB cannot be reached: .*; retrying$/),
        }),
      ]);
    } finally {
      waiting.abort();
      await ended;
    }
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });

  it('ends at once with that line where nobody waits', async () => {
    const config = { ...testConfig, port: 0, mongoUrl: 'mongodb://127.0.0.1:1/twinlock' };
    await expect(start([sampleApp], { config, logger: createLogger('silent') })).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
  });
});
