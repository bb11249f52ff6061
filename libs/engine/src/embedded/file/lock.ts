import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailable } from '../../port.js';

export interface Lock {
  release(): Promise<void>;
}

/**
 * One process serves from a directory. The lock is a socket that listens: the system closes it with the process,
 * however that ends, so nothing stale can be left behind. It holds within one host (one network namespace).
 * @returns undefined when another one has it, in this process or elsewhere
 */
export function lockDirectory(directory: string, name: string): Promise<Lock | undefined> {
  return lockAddress(addressOf(directory, name, process.platform));
}

/** As `lockDirectory`, at a socket's address. */
export async function lockAddress(address: string): Promise<Lock | undefined> {
  const server = (await listening(address)) ?? (await replacingStale(address));
  if (server === undefined) return undefined;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** By device and inode: a directory has many paths. */
export function addressOf(directory: string, name: string, platform: NodeJS.Platform): string {
  const { dev, ino } = statSync(directory, { bigint: true });
  const id = `twinlock-${createHash('sha256').update(`${dev}:${ino}:${name}`).digest('hex').slice(0, 32)}`;
  switch (platform) {
    case 'linux':
      // Abstract: in no file system, gone with its process.
      return `\0${id}`;
    case 'win32':
      return `\\\\.\\pipe\\${id}`;
    default:
      return join(tmpdir(), `${id}.sock`);
  }
}

/** Undefined when the address is taken. */
function listening(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new StoreUnavailable(`no lock on the data directory: ${error.message}`, { cause: error }));
    });
    server.listen({ path: address, exclusive: true }, () => resolve(server));
  });
}

/** A socket file outlives a process that was killed. */
async function replacingStale(address: string): Promise<Server | undefined> {
  if (address.startsWith('\0') || address.startsWith('\\') || (await answers(address))) return undefined;
  rmSync(address, { force: true });
  return listening(address);
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
