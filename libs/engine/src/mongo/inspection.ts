import { databaseOf, type Hello, MongoConnection } from './driver/connection.js';

/** What a deployment says of itself. */
export interface MongoInspection {
  readonly kind: 'standalone' | 'replica-set' | 'sharded';
  /** That have data. */
  readonly members: number;
  /** So many of them confirm a write. */
  readonly majority: number;
  readonly localTime?: Date;
}

/** Changes nothing. @throws InvalidUrl, StoreUnavailable */
export async function lookIntoMongo(url: string): Promise<MongoInspection> {
  const connection = await MongoConnection.open({ url, app: 'doctor', patienceMs: 5_000 });
  try {
    const said = await connection.run(() => databaseOf(connection.mongoose).command({ hello: 1 }));
    const { setName, msg, hosts = [], passives = [], localTime } = said as Hello & { readonly localTime?: Date };
    const members = Math.max(1, hosts.length + passives.length);
    return {
      kind: msg === 'isdbgrid' ? 'sharded' : setName === undefined ? 'standalone' : 'replica-set',
      members,
      majority: Math.floor(members / 2) + 1,
      ...(localTime instanceof Date && { localTime }),
    };
  } finally {
    await connection.close();
  }
}
