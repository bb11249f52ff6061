/**
 * A command over the bus by a tool that has only a broker's address and the private key of a service token:
 *
 *     KAFKA_BROKERS=localhost:9092 TOKEN_ID=… PRIVATE_KEY=key.pem \
 *       node dist/examples/signed-command/signed-command.js two-factor.user.unlock demo ACCOUNT [name=value …]
 *
 * The public half was given when the token was made: `POST /v1/portals/demo/service-tokens`, `publicKey`.
 */
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';

const [type = '', portal = '', accountId = '', ...more] = process.argv.slice(2);
const { KAFKA_BROKERS = 'localhost:9092', KAFKA_PREFIX = 'twinlock', TOKEN_ID = '', PRIVATE_KEY = '' } = process.env;
const WAIT_MS = 15_000;

const jti = randomUUID();
const extras = Object.fromEntries(more.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
const payload = { jti, iat: Date.now() / 1_000, type, portal, accountId, ...extras };
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${encode({ alg: 'EdDSA', kid: TOKEN_ID })}.${encode(payload)}`;
const signature = sign(null, Buffer.from(signed), createPrivateKey(readFileSync(PRIVATE_KEY))).toString('base64url');

const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
const replyTo = `${KAFKA_PREFIX}.command-replies.example`;
const [admin, producer] = [kafka.admin(), kafka.producer()];
const consumer = kafka.consumer({ groupId: `${replyTo}.${jti}`, maxWaitTimeInMs: 200 });
await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
if (!(await admin.listTopics()).includes(replyTo)) await admin.createTopics({ topics: [{ topic: replyTo }] });
await consumer.subscribe({ topic: replyTo, fromBeginning: true });

const reply = new Promise<string>((resolve, reject) => {
  setTimeout(() => reject(new Error('no reply')), WAIT_MS).unref();
  void consumer.run({
    eachMessage: async ({ message: { headers, value } }) => {
      if (String(headers?.['correlation-id']) === jti) resolve(String(value));
    },
  });
});
await producer.send({
  topic: `${KAFKA_PREFIX}.two-factor.commands`,
  messages: [
    {
      key: `${portal}/${accountId}`,
      value: `${signed}.${signature}`,
      headers: { 'reply-to': replyTo, 'correlation-id': jti },
    },
  ],
});
try {
  console.log(await reply);
} finally {
  await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
}
