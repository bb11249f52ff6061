import type { mongo } from 'mongoose';
import { type MongoServer, type NoMongo, startMongo } from '#test/support/servers/mongo.js';
import type { Engine } from '../../port.js';
import { MongoConnection } from '../driver/connection.js';
import { engineOn, type MongoOptions, openMongoEngine } from '../open.js';
import type { CommitDocument } from '../schemas.js';

export interface MongoGround {
  readonly server: MongoServer;
  /** On collections of their own for each test; closed after it. */
  readonly open: (options?: Partial<MongoOptions>) => Promise<Engine>;
  /** The same, with what is underneath. */
  readonly openBare: () => Promise<BareEngine>;
}

export interface BareEngine {
  readonly engine: Engine;
  readonly connection: MongoConnection;
  readonly commits: mongo.Collection<CommitDocument>;
  /** What was sent to the server since. */
  readonly sent: mongo.CommandStartedEvent[];
}

/** A suite on a database of its own, or on a server of its own; skipped, with the reason as its name, where there is none. */
export async function withMongo(
  name: string,
  suite: (ground: MongoGround) => void,
  { own = false } = {},
): Promise<void> {
  const server: MongoServer | NoMongo = await startMongo({ own });
  if ('missing' in server) {
    describe.skip(`${name}: ${server.missing}`, () => it('is skipped', () => undefined));
    return;
  }
  const { url } = server;
  describe(name, () => {
    let tests = 0;
    const opened: Engine[] = [];
    const app = () => `app-${tests}`;
    beforeEach(() => void tests++);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((engine) => engine.close()));
    });
    afterAll(() => server.stop());
    const closing = <Opened extends Engine>(engine: Opened): Opened => {
      opened.push(engine);
      return engine;
    };
    suite({
      server,
      open: async (options = {}) => closing(await openMongoEngine({ url, app: app(), ...options })),
      async openBare() {
        const monitored = `${url}${url.includes('?') ? '&' : '?'}monitorCommands=true`;
        const connection = await MongoConnection.open({ url: monitored, app: app(), patienceMs: 5_000 });
        const engine = closing(await engineOn(connection, app()));
        const sent: mongo.CommandStartedEvent[] = [];
        connection.mongoose.getClient().on('commandStarted', (command) => sent.push(command));
        return { engine, connection, commits: connection.collection<CommitDocument>(`${app()}.commits`), sent };
      },
    });
  });
}
