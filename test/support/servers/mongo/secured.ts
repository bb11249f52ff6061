import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import mongoose from 'mongoose';
import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { startLocal } from './local.js';

const script = readFileSync(join(import.meta.dirname, '../../../../scripts/mongo-users.js'), 'utf8');
const DATABASE = 'twinlock';

/** A MongoDB that lets nobody do what no role allows, with the users of `scripts/mongo-users.js`. */
export interface SecuredMongo {
  readonly urlOf: (user: string) => string;
  stop(): Promise<void>;
}

/** @throws Error why it cannot be started here */
export async function startSecured(): Promise<SecuredMongo> {
  const server = await startLocal(await freePort(), ['--auth']);
  const passwordOf = (user: string): string => `password-of-${user}`;
  try {
    await as(server.origin, 'admin', { createUser: 'root', pwd: passwordOf('root'), roles: ['root'] });
    const root = `${server.origin.replace('://', `://root:${passwordOf('root')}@`)}/?authSource=admin`;
    await as(root, DATABASE, ...commandsOfScript(passwordOf));
  } catch (error) {
    await server.remove();
    throw error;
  }
  return {
    urlOf: (user) => `${server.origin.replace('://', `://${user}:${passwordOf(user)}@`)}/${DATABASE}`,
    stop: () => server.remove(),
  };
}

/** What mongosh would send for it. */
function commandsOfScript(passwordOf: (user: string) => string): object[] {
  const commands: object[] = [];
  const db = {
    getName: () => DATABASE,
    getRole: () => null,
    getUser: () => null,
    createRole: ({ role, ...rest }: { role: string }) => commands.push({ createRole: role, ...rest }),
    createUser: ({ user, ...rest }: { user: string }) => commands.push({ createUser: user, ...rest }),
  };
  const users = [...appNames, 'tools'];
  const variable = (user: string) => `${user.toUpperCase().replace('-', '_')}_DB_PASSWORD`;
  const env = Object.fromEntries(users.map((user) => [variable(user), passwordOf(user)]));
  runInNewContext(script, { db, process: { env } });
  return commands;
}

async function as(url: string, database: string, ...commands: object[]): Promise<void> {
  const client = new mongoose.mongo.MongoClient(url);
  try {
    for (const command of commands) await client.db(database).command(command);
  } finally {
    await client.close();
  }
}
