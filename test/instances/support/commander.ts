import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import type { Cluster } from './cluster.js';
import { until } from '#test/support/until.js';

export interface CommandReply {
  readonly reply?: unknown;
  readonly problem?: { readonly code: string; readonly attemptsLeft?: number };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A tool outside that sends signed commands over the bus. */
export class Commander {
  private readonly waiting = new Map<string, (reply: CommandReply) => void>();

  private constructor(
    private readonly settings: Readonly<Record<string, string>>,
    private readonly tokenId: string,
    private readonly key: KeyObject,
    private readonly producer: Producer,
    private readonly consumer: Consumer,
  ) {}

  static async open(cluster: Cluster, portal: string, scopes: ServiceScope[]): Promise<Commander> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: 'OKP'; crv: 'Ed25519'; x: string };
    const issued = await cluster.operator.issueServiceToken(portal, { name: 'tool', scopes, publicKey: jwk });
    const { id } = issued.success();
    const kafka = new Kafka({ brokers: cluster.settings.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
    const topic = `${cluster.settings.KAFKA_PREFIX}.command-replies.tool-${portal}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: false });
    // the broker does not know its own topic for a moment
    await until('the topic for replies is there', () => admin.fetchTopicOffsets(topic).catch(() => null));
    await admin.disconnect();
    const [producer, consumer] = [kafka.producer(), kafka.consumer({ groupId: topic, maxWaitTimeInMs: 50 })];
    const commander = new Commander({ ...cluster.settings, topic }, id, privateKey, producer, consumer);
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { headers, value } }) =>
        commander.waiting.get(String(headers?.['correlation-id']))?.(JSON.parse(String(value)) as CommandReply),
    });
    return commander;
  }

  async send(type: string, portal: string, accountId: string, extras: object = {}): Promise<CommandReply> {
    const jti = randomUUID();
    const header = base64url({ alg: 'EdDSA', kid: this.tokenId });
    const signed = `${header}.${base64url({ jti, iat: Date.now() / 1_000, type, portal, accountId, ...extras })}`;
    const value = `${signed}.${sign(null, Buffer.from(signed), this.key).toString('base64url')}`;
    const reply = new Promise<CommandReply>((resolve) => this.waiting.set(jti, resolve));
    await this.producer.send({
      topic: `${this.settings.KAFKA_PREFIX}.two-factor.commands`,
      messages: [
        {
          key: `${portal}/${accountId}`,
          value,
          headers: { 'reply-to': this.settings.topic!, 'correlation-id': jti },
        },
      ],
    });
    return reply;
  }

  async stop(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.consumer.disconnect()]);
  }
}
