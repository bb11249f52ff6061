import { Server } from '@nestjs/microservices';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import type { Bus } from '#libs/messaging/src/port.js';
import type { Ask, CarriedContext } from '#libs/messaging/src/requests.js';
import { nobodyTrusted } from '../http/client-address.js';
import { createLogger } from '../observing/logger.js';
import { Metrics } from '../observing/metrics.js';
import type { Config } from '../settings/config.js';
import type { AppContext } from '../tokens.js';

/** What the other apps would reply, by pattern. What a function throws arrives as it was thrown. */
export type Replies = Readonly<Record<string, (payload: never, context: CarriedContext) => unknown>>;

const scripted =
  (replies: Replies): Ask =>
  async ({ pattern, payload, context }) =>
    JSON.stringify({ reply: await replies[pattern]!(JSON.parse(payload) as never, context) });

/** Nobody sends to it. */
class QuietServer extends Server {
  listen(callback: () => void): void {
    callback();
  }
  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    throw new TypeError('nothing to unwrap');
  }
}

export const scriptedBus = (replies: Replies): Bus => ({
  join: () => ({
    strategy: new QuietServer(),
    ask: scripted(replies),
    adoptions: new Adoptions(new MemoryRecords(), () => []),
    health: () => [],
    get deadLetters(): never {
      throw new TypeError('nothing comes in');
    },
  }),
  close: async () => {},
});

const noStore: Engine = {
  log: { shared: false } as Engine['log'],
  records: <Value>() => new MemoryRecords<Value>(),
  erasures: {} as never,
  check: async () => {},
  damaged: () => {},
  close: async () => {},
};

export const testConfig: Config & { readonly operatorToken: string } = {
  port: 0,
  host: '127.0.0.1',
  dataDir: '/nonexistent',
  operatorToken: 'operator-token-of-the-tests-0123456789',
  vaultKeys: [
    { id: 'k1', key: Buffer.from('0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex') },
  ],
  kafkaPrefix: 'twinlock',
  logLevel: 'silent',
  demo: false,
  trustProxy: nobodyTrusted,
  addressRetentionDays: 400,
  issuer: 'Twinlock',
  test: true,
};

/** Enough for an app that neither stores nor publishes. */
export const contextOf = (app: AppName, replies: Replies, given: Partial<AppContext> = {}): AppContext => ({
  app,
  config: testConfig,
  clock: Date.now,
  logger: createLogger('silent'),
  engine: noStore,
  bus: scriptedBus(replies),
  metrics: new Metrics(),
  ...given,
});
