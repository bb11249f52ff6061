import type { BareServers } from '../servers/bare-servers.js';
import { openBareServers } from '../servers/bare-servers.js';
import type { Asked, AskingJob } from '../servers/asking.js';
import type { Delivered, DeliveryJob } from '../servers/delivery.js';
import type { Flow } from '../servers/in-flight.js';
import { type SplitProduct, startSplit } from '../servers/product.js';
import { drive, driver } from '../load/drive.js';
import { inProcess, Worker } from '../process/child.js';
import { figure, median } from '../report/figures.js';
import { ATTEMPTS, WRONG_CODES } from '../seed/accounts.js';
import type { Context, Found } from './section.js';

const AIMED = 64;
/** Accounts of each lane, each with all its attempts. */
const ofEach = (lanes: number, quick: boolean): number => Math.max(1, Math.round((quick ? 64 : 512) / lanes));
const LEVELS = [16, 64, 256] as const;
const DELIVERIES = 200;
const PAUSE_MS = 50;

const kinds = ['http', 'single', 'shared', 'bus', 'ping', 'nest'] as const;
type Kind = (typeof kinds)[number];
const names: Record<Kind, string> = {
  http: 'POST /v1/challenges/verify, straight to two-factor',
  single: 'bare driver: single inserts',
  shared: 'bare driver: insertMany, two on their way',
  bus: 'two-factor.challenge.verify, over the bus',
  ping: 'bare kafkajs: ping-pong in batches',
  nest: "Nest's own Kafka transport: ping-pong",
};

interface Round extends Record<Kind, Flow> {
  readonly inFlight: number;
}

/** The apps on Kafka and MongoDB, beside what those can do at best and what Nest does with them by itself. */
export async function servers(context: Context): Promise<Found> {
  const { options, engine, say, folder } = context;
  const rounds = options.quick ? 1 : 3;
  const accounts = accountsFor(options.quick, rounds);
  say(`Making ${figure(accounts)} accounts …`);
  const product = await startSplit(context, accounts);
  const bare = await openBareServers(engine.env, folder);
  const client = new Worker(driver);
  const asking = new Worker(new URL('../servers/asking.js', import.meta.url));
  try {
    say('Driving …\n');
    const http = (lanes: number, each: number) => overHttp(client, product, lanes, each);
    const bus = (lanes: number, each: number) => overBus(asking, context, product, lanes, each);
    await http(16, 1);
    await bus(16, 1);
    await bare.warmUp();
    const delivery = await deliveryOf(context, product);
    const found: Round[] = [];
    for (const inFlight of LEVELS) {
      const each = ofEach(inFlight, options.quick);
      const requests = each * ATTEMPTS;
      for (let round = 0; round < (inFlight === AIMED ? rounds : 1); round++) {
        found.push({
          inFlight,
          http: await http(inFlight, each),
          ...(await bareOf(bare, inFlight, requests, JSON.stringify(product.wrongCode))),
          bus: await bus(inFlight, each),
        });
      }
    }
    return report(found, delivery);
  } finally {
    await Promise.all([client.end(), asking.end()]);
    await bare.stop();
    await product.stop();
  }
}

/** `text`: of about as many bytes as the engine writes for a wrong code. */
async function bareOf(bare: BareServers, lanes: number, ofLane: number, text: string) {
  const job = { lanes, ofEach: ofLane, text };
  return {
    single: await bare.inserts({ ...job, shared: false }),
    shared: await bare.inserts({ ...job, shared: true }),
    ping: await bare.ping(job),
    nest: await bare.nest(job),
  };
}

/** Over HTTP and over the bus, the warming up and the deliveries. */
function accountsFor(quick: boolean, rounds: number): number {
  const level = (lanes: number) => lanes * ofEach(lanes, quick) * (lanes === AIMED ? rounds : 1);
  return 2 * (16 + LEVELS.reduce((sum, lanes) => sum + level(lanes), 0)) + Math.ceil(DELIVERIES / WRONG_CODES);
}

async function overHttp(client: Worker, { twoFactor, headers, attempts }: SplitProduct, lanes: number, each: number) {
  const bodies = attempts.bodies('gateway', lanes, each);
  const path = '/v1/challenges/verify';
  const driven = await drive(client, twoFactor, { path, headers, bodies, requests: each * ATTEMPTS });
  const { statuses } = driven;
  check(statuses[200] ?? 0, statuses[401] ?? 0, lanes * each);
  return driven;
}

async function overBus(
  asking: Worker,
  { engine, folder }: Context,
  product: SplitProduct,
  lanes: number,
  each: number,
) {
  const { attempts, purpose } = product;
  const bodies = attempts.bodies('gateway', lanes, each);
  const { KAFKA_BROKERS = '', KAFKA_PREFIX: prefix = '', BUS_KEYS: busKeys = '' } = engine.env;
  const brokers = KAFKA_BROKERS.split(',');
  const asked = await asking.do<AskingJob, Asked>({ brokers, prefix, busKeys, folder, purpose, bodies });
  check(asked.passed, asked.wrong, lanes * each);
  return asked;
}

/** That the right code passed shows that the challenge was good until the end, so that every wrong one was looked at. */
function check(passed: number, wrong: number, accounts: number): void {
  if (passed !== accounts || wrong !== accounts * WRONG_CODES) throw new Error(`${passed} passed, ${wrong} were wrong`);
}

function deliveryOf({ engine }: Context, { twoFactor, headers, attempts }: SplitProduct): Promise<Delivered> {
  const bodies = attempts.bodies('gateway', Math.ceil(DELIVERIES / WRONG_CODES), 1);
  return inProcess<DeliveryJob, Delivered>(new URL('../servers/delivery.js', import.meta.url), {
    brokers: (engine.env.KAFKA_BROKERS ?? '').split(','),
    topic: `${engine.env.KAFKA_PREFIX}.two-factor.events`,
    url: `${twoFactor.url}/v1/challenges/verify`,
    headers,
    bodies: bodies.flatMap((ofAccount) => ofAccount.slice(0, WRONG_CODES)),
    pauseMs: PAUSE_MS,
  });
}

function report(rounds: readonly Round[], delivery: Delivered): Found {
  const aimed = rounds.filter(({ inFlight }) => inFlight === AIMED);
  const ratio = (of: Kind, to: Kind) => median(aimed.map((round) => round[of].perSecond / round[to].perSecond));
  return {
    title: 'Kafka and MongoDB: 20 wrong codes and a right one of each account, each durable before its answer',
    table: [
      ['', 'per second', 'p50 ms', 'p99 ms'],
      ...rounds.flatMap((round) =>
        kinds.map((kind) => {
          const { perSecond, p50, p99 } = round[kind];
          return [`${round.inFlight} in flight: ${names[kind]}`, figure(perSecond), figure(p50), figure(p99)];
        }),
      ),
      ['from the answer to the event at a consumer, unloaded', '', figure(delivery.p50), figure(delivery.p99)],
    ],
    measured: { rounds, delivery },
    aims: [
      {
        what: `over HTTP, of single inserts, ${AIMED} in flight`,
        value: ratio('http', 'single'),
        unit: '',
        atLeast: 3,
      },
      {
        what: `over the bus, of the bare ping-pong, ${AIMED} in flight`,
        value: ratio('bus', 'ping'),
        unit: '',
        atLeast: 0.5,
      },
      {
        what: `over the bus, of Nest's transport, ${AIMED} in flight`,
        value: ratio('bus', 'nest'),
        unit: '',
        atLeast: 3,
      },
      { what: 'from the answer to the consumer, p99', value: delivery.p99, unit: 'ms', below: 100 },
    ],
  };
}
