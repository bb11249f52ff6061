import { randomBytes } from 'node:crypto';
import { connect, Socket } from 'node:net';
import type { Logger } from 'pino';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import type { BusGround, BusProcess } from '../../testing/bus-contract.js';
import { MortalEngine } from '../../testing/mortal-engine.js';
import { createKafkaBus } from '../bus.js';
import type { ISocketFactory } from '../cluster/connection.js';

interface KafkaProcess extends BusProcess {
  /** From now on it reaches no broker. */
  cut(): void;
  /** It does again. */
  mend(): void;
}
interface KafkaGround extends BusGround {
  start(logger: Logger): Promise<KafkaProcess>;
}

/** Topics that nobody else uses, on brokers that outlive the buses. */
export function kafkaGround(brokers: readonly string[]): KafkaGround {
  const prefix = `test-${randomBytes(5).toString('hex')}`;
  const keys = [newRingKey('k1')];
  /** Ends what is left in this process of those that were killed, which kafkajs does not without its brokers. */
  const buryings: (() => Promise<void>)[] = [];
  const engines = new Map(appNames.map((app) => [app, new MemoryEngine()]));
  const engine = (app: AppName) => {
    const found = engines.get(app);
    if (!found) throw new TypeError(`no engine for ${app}`);
    return found;
  };
  return {
    engine,
    start: async (logger) => {
      const mortal = new Map(appNames.map((app) => [app, new MortalEngine(engine(app))]));
      const sockets = new MortalSockets();
      const bus = createKafkaBus({
        brokers,
        prefix,
        partitions: 3,
        keys,
        logger,
        sessionMs: 2_000,
        leaseMs: 900,
        socketFactory: sockets.factory,
      });
      return {
        bus,
        cut: () => sockets.kill(),
        mend: () => sockets.revive(),
        engine: (app) => mortal.get(app) ?? engine(app),
        kill: async () => {
          mortal.forEach((one) => one.kill());
          sockets.kill();
          buryings.push(async () => {
            sockets.revive();
            await bus.close();
            sockets.kill();
          });
        },
      };
    },
    close: async () => {
      await Promise.all(buryings.map((bury) => bury()));
      await Promise.all([...engines.values()].map((one) => one.close()));
    },
  };
}

/** The connections of one process: once that is killed, there are none. */
class MortalSockets {
  readonly #open = new Set<Socket>();
  #alive = true;

  readonly factory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = this.#alive ? connect({ host, port }, onConnect) : new Socket();
    if (!this.#alive) setImmediate(() => socket.destroy(new Error('killed')));
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    return socket;
  };

  kill(): void {
    this.#alive = false;
    for (const socket of this.#open) socket.destroy(new Error('killed'));
  }

  revive(): void {
    this.#alive = true;
  }
}
