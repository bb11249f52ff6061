import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refused } from '#test/support/process/started.js';

const OPERATOR_TOKEN = randomBytes(32).toString('base64url');
const key = randomBytes(32).toString('base64');

let folder: string;
let given: Record<string, string>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const [VAULT_KEYS, BUS_KEYS] = [`k1:${key}`, `k1:${randomBytes(32).toString('base64')}`];
  given = { DATA_DIR: join(folder, 'data'), PORT: '0', OPERATOR_TOKEN, VAULT_KEYS, BUS_KEYS };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a URL of MongoDB', () => {
  const server = createServer((socket) => socket.destroy());
  let connections = 0;
  server.on('connection', () => (connections += 1));
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => server.close());

  it.each([
    ['journal=false', 'journal'],
    ['retryWrites=true&W=1', 'w'],
    ['%6A=false', 'j'],
    ['readConcernLevel=local', 'readconcernlevel'],
    ['readPreference=secondaryPreferred', 'readpreference'],
    ['maxStalenessSeconds=120', 'maxstalenessseconds'],
  ])(
    'R49 that would weaken what is answered is refused in one line, before anybody is asked: ?%s',
    async (query, name) => {
      const { port } = server.address() as AddressInfo;
      const MONGO_URL = `mongodb://user:hunter2@127.0.0.1:${port}/twinlock?${query}`;
      for (const [app, env] of [
        ['standalone', given],
        ['identity', { ...given, KAFKA_BROKERS: '127.0.0.1:1' }],
      ] as const) {
        expect(await refused(app, { ...env, MONGO_URL })).toEqual({
          code: 1,
          lines: [`MONGO_URL must not set ${name}: writes go to the journals of a majority, reads to the primary`],
        });
      }
      expect(connections).toBe(0);
    },
  );
});

describe('a file of keys', () => {
  it.each([0o644, 0o640, 0o604])(
    'R49 that others can read is refused in one line, without being quoted: mode %o',
    async (mode) => {
      const file = join(folder, `keys-${mode}`);
      writeFileSync(file, `k1:${key}`);
      chmodSync(file, mode);
      const { VAULT_KEYS: _, ...rest } = given;
      const open = `VAULT_KEYS_FILE names a file that others can read: ${file} (mode 0${mode.toString(8)}, owner `;
      expect(await refused('standalone', { ...rest, VAULT_KEYS_FILE: file })).toEqual({
        code: 1,
        lines: [expect.stringContaining(open)],
      });
    },
  );

  it.each([
    ['zeros', Buffer.alloc(32)],
    ['one byte again and again', Buffer.alloc(32, 0xa5)],
    ['half of it twice', Buffer.alloc(32, randomBytes(16))],
    ['a row of numbers', Buffer.from(Array.from({ length: 32 }, (_, i) => i))],
  ])('R49 that are no secret is refused in one line: %s', async (_, bytes) => {
    for (const name of ['VAULT_KEYS', 'BUS_KEYS']) {
      const env = { ...given, KAFKA_BROKERS: '127.0.0.1:1', [name]: `k1:${bytes.toString('base64')}` };
      expect(await refused('standalone', env)).toEqual({
        code: 1,
        lines: [`${name} is invalid: the key of entry 1 of the key ring is not random`],
      });
    }
  });
});
