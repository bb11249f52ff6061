import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { installedByPip } from '../installed-by.js';
import { startProcess } from '../local-process.js';
import { answering, type MongoProcess } from '../mongo.js';

/** Speaks MongoDB's protocol over WiredTiger, and is durable where it says so. */
const VERSION = '0.7.0b3';

/** @throws Error why it cannot be started here */
export async function startLocal(port: number, options: readonly string[] = []): Promise<MongoProcess> {
  const [program, ...first] = await serverCommand();
  const folder = await mkdtemp(join(tmpdir(), 'mongo-'));
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--storage-path', join(folder, 'data')];
  const origin = `mongodb://127.0.0.1:${port}`;
  const server = await startProcess('SecantusDB', {
    program,
    args: [...first, ...place, '--cache-size', '256M', ...options],
    folder,
    serves: () => answering(origin, 30_000),
  });
  return Object.assign(server, { origin });
}

/** `SECANTUSD`: a server built elsewhere, such as the one in Rust. */
async function serverCommand(): Promise<[program: string, ...args: string[]]> {
  const own = process.env.SECANTUSD;
  if (own !== undefined && own !== '') return basename(own) === 'secantusd-rs' ? [own, '--sync-on-commit'] : [own];
  const folder = await installedByPip(`secantusdb-${VERSION}`, [`secantusdb==${VERSION}`]);
  return [join(folder, 'bin/python'), join(folder, 'bin/secantusd-py')];
}
