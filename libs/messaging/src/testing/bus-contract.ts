import type { INestMicroservice, Type } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppBus, Bus } from '../port.js';
import { startApp, type Script } from './bus-apps.js';
import { eventsContract } from './events-contract.js';
import { failuresContract } from './failures-contract.js';
import { requestsContract } from './requests-contract.js';

/** Storage and, where there is one, broker; processes come and go on it. */
export interface BusGround {
  engine(app: AppName): Engine;
  /** A process with a bus of its own. */
  start(logger: Logger): Promise<BusProcess>;
  close(): Promise<void>;
}
export interface BusProcess {
  readonly bus: Bus;
  /** The engine as that process has it. */
  engine(app: AppName): Engine;
  /** Like kill -9: from now on nothing of it is stored or sent, and nothing is told to it. */
  kill(): Promise<void>;
}

/** What the specs of the contract stand on. */
export class BusBench {
  #ground: BusGround | undefined;
  #process: BusProcess | undefined;
  #apps: INestMicroservice[] = [];
  /** All that was logged, as text. */
  logged = '';

  constructor(private readonly ground: () => Promise<BusGround>) {}

  async open(): Promise<void> {
    this.logged = '';
    this.#ground = await this.ground();
    await this.start();
  }

  /** The engine of an app, outside of any process. */
  engine(app: AppName): Engine {
    return defined(this.#ground).engine(app);
  }

  /** A new process; the one before has ended. */
  async start(): Promise<void> {
    const logger = pino({ level: 'trace' }, { write: (line: string) => void (this.logged += line) });
    this.#process = await defined(this.#ground).start(logger);
  }

  async kill(): Promise<void> {
    await defined(this.#process).kill();
    this.#apps = [];
  }

  /** As SIGTERM ends it. */
  async stop(): Promise<void> {
    await defined(this.#process).bus.close();
    await Promise.all(this.#apps.map((app) => app.close()));
    this.#apps = [];
  }

  /** Joins an app that neither asks nor answers, but records. */
  join(app: AppName): AppBus {
    const process = defined(this.#process);
    return process.bus.join(app, process.engine(app));
  }

  /** Joins an app with that controller and lets it listen. */
  async run(app: AppName, controller: Type, script?: Script): Promise<AppBus> {
    const joined = this.join(app);
    this.#apps.push(await startApp(joined, controller, script));
    return joined;
  }

  async close(): Promise<void> {
    await this.stop();
    await defined(this.#ground).close();
  }
}

/** What every bus does. Run by the spec of each adapter. */
export function busContract(name: string, ground: () => Promise<BusGround>): void {
  describe(`bus contract: ${name}`, () => {
    const bench = new BusBench(ground);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());

    requestsContract(bench);
    eventsContract(bench);
    failuresContract(bench);
  });
}

function defined<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('the bench is not open');
  return value;
}
