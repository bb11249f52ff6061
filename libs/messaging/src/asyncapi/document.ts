import { z } from 'zod';
import { carriedContext } from '#libs/contracts/src/context.js';
import { recordedEvent } from '#libs/contracts/src/events/event.js';
import { eventContracts, sourceApps } from '#libs/contracts/src/events/events.js';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { commands, refusedFor } from '#libs/contracts/src/messages/commands.js';
import { deadLetterExample, deadLetterMessage } from '#libs/contracts/src/messages/dead-letter.js';
import { Problem, problemDocument } from '#libs/contracts/src/problems.js';
import { requestContracts } from '../answering.js';
import { Topics } from '../kafka/cluster/topics.js';
import { commandExample, EXAMPLE_AT, EXAMPLE_ID, eventExample } from './examples.js';

type Json = Record<string, unknown>;

const refusedCommand = problemDocument.extend({ code: z.literal('forbidden'), reason: refusedFor });

/** What the channels of the document are called by, and the parameter that topics begin with. */
const topics = new Topics({ prefix: '{prefix}', partitions: 1, replication: 1 });
const prefix = { prefix: { default: 'twinlock', description: 'KAFKA_PREFIX' } };
const text = (description: string): Json => ({ type: 'string', description });
const KEY_ID = 'Of the key in BUS_KEYS, and the salt of the key that the sender derives from it.';
const EXAMPLE_KEY_ID = `k1:${'A'.repeat(22)}`;
const lockedExample = { problem: new Problem('account-locked').toDocument() };
const reference = (path: string): Json => ({ $ref: `#/${path}` });
const keyOf = (description: string): Json => ({ kafka: { key: text(description), bindingVersion: '0.5.0' } });

/**
 * What these apps send and take on Kafka, made from the values that validate it, so that the document cannot say anything else.
 * AsyncAPI 3.0.
 */
export function asyncApiDocument(apps: readonly AppName[]): Json {
  const document = new Document();
  for (const app of apps) {
    document.events(app);
    document.requests(app);
    if (app === 'two-factor') document.commands();
    document.deadLetters(app);
  }
  return document.whole();
}

class Document {
  private readonly channels: Record<string, { messages: Json } & Json> = {};
  private readonly operations: Json = {};
  private readonly messages: Json = {};
  private readonly schemas: Json = {};

  events(app: AppName): void {
    const source = sourceApps.find((one) => one === app);
    if (!source) return;
    const channel = this.channel(`${app}.events`, topics.events(app), `The events of ${app}, each stream's in order.`);
    for (const contract of eventContracts[source]) {
      const { type, name, summary, schema } = contract;
      const { headers, payload } = eventExample(source, contract);
      this.message(channel, type, {
        name: type,
        title: name,
        summary,
        headers: { type: 'object', required: Object.keys(headers), properties: cloudEvent(type) },
        payload: this.schema(recordedEvent.extend({ type: z.literal(type), data: schema }), 'output'),
        bindings: keyOf('portal/account; the portal alone where the event is of no account'),
        examples: [{ name: 'first', headers, payload }],
      });
      for (const [olderType, { schema: olderSchema }] of Object.entries(contract.older)) {
        this.message(channel, olderType, {
          name: olderType,
          title: name,
          summary: `${summary} Recorded so by an older release.`,
          headers: { type: 'object', required: Object.keys(headers), properties: cloudEvent(olderType) },
          payload: this.schema(recordedEvent.extend({ type: z.literal(olderType), data: olderSchema }), 'output'),
          bindings: keyOf('portal/account; the portal alone where the event is of no account'),
        });
      }
    }
    this.operation(`${app}.events`, { action: 'send', channel, summary: `${app} tells what has happened.` });
  }

  requests(app: AppName): void {
    const asked = [...requestContracts.values()].filter((contract) => contract.app === app);
    if (asked.length === 0) return;
    const channel = this.channel(`${app}.requests`, topics.requests(app), `What other apps ask ${app}.`);
    const replies = this.channel('replies', '{prefix}.{app}.replies', 'The replies, to the app that asked.', {
      app: { enum: appNames, description: 'From the reply-to header.' },
    });
    this.message(replies, 'problem', {
      name: 'problem',
      summary: 'A refusal, as in HTTP.',
      ...this.sealed(z.strictObject({ problem: problemDocument }), 'output', lockedExample),
    });
    for (const { pattern, summary, schema, reply, example, replyExample } of asked) {
      const headers = {
        pattern: { type: 'string', const: pattern },
        'reply-to': text('Name of the app that asks.'),
        instance: text('Which instance of it.'),
        'correlation-id': text('Comes back with the reply.'),
        'key-id': text(KEY_ID),
      };
      const sent = { pattern, 'reply-to': 'identity', instance: 'i1', 'correlation-id': '1', 'key-id': EXAMPLE_KEY_ID };
      const context = { actor: { kind: 'anonymous' }, correlationId: EXAMPLE_ID, entrance: 'http' };
      const content = z.strictObject({
        at: z.int().meta({ description: 'When it was sealed, in milliseconds since 1970.' }),
        context: carriedContext.meta({ description: 'Who acts, and in which request.' }),
        payload: schema,
      });
      this.message(channel, pattern, {
        name: pattern,
        summary,
        headers: { type: 'object', required: Object.keys(headers), properties: headers },
        ...this.sealed(content, 'input', { at: EXAMPLE_AT, context, payload: example }),
        bindings: keyOf('portal/account where there is one'),
        examples: [{ name: 'request', headers: sent }],
      });
      const headersOfReply = { instance: text('As it was sent.'), 'correlation-id': text('As it was sent.') };
      this.message(replies, `${pattern}.reply`, {
        name: `${pattern}.reply`,
        summary: `The answer to ${pattern}.`,
        headers: {
          type: 'object',
          required: [...Object.keys(headersOfReply), 'key-id'],
          properties: { ...headersOfReply, 'key-id': text(KEY_ID) },
        },
        ...this.sealed(z.strictObject({ reply }), 'output', { reply: replyExample }),
        examples: [{ name: 'answer', headers: { instance: 'i1', 'correlation-id': '1', 'key-id': EXAMPLE_KEY_ID } }],
      });
    }
    this.operation(`${app}.requests`, {
      action: 'receive',
      channel,
      summary: `${app} answers the other apps.`,
      reply: this.replyOf(
        replies,
        asked.map(({ pattern }) => pattern),
      ),
    });
  }

  commands(): void {
    const channel = this.channel(
      'two-factor.commands',
      topics.commands('two-factor'),
      'Signed commands from outside. One whose signature is good is always replied to, where it names a topic for the reply; one that cannot be read or proved is a dead letter without a reply.',
    );
    const replies = this.channel(
      'command-replies',
      '{prefix}.command-replies.{name}',
      'The replies to commands, on a topic of their sender.',
      { name: { description: 'The last part of the reply-to header.' } },
    );
    this.message(replies, 'problem', {
      name: 'problem',
      summary: 'A refusal, as in HTTP.',
      payload: this.schema(z.strictObject({ problem: problemDocument }), 'output'),
      examples: [{ name: 'locked', payload: lockedExample }],
    });
    this.message(replies, 'refused', {
      name: 'refused',
      summary: 'Why a correctly signed command was not carried out.',
      payload: this.schema(z.strictObject({ problem: refusedCommand }), 'output'),
      examples: [
        {
          name: 'expired',
          payload: {
            problem: new Problem('forbidden', 'The command is older than 60 seconds.', {
              reason: 'expired',
            }).toDocument(),
          },
        },
      ],
    });
    const all = Object.values(commands);
    for (const contract of all) {
      const { type, scope, summary, schema, reply, replyExample } = contract;
      const headers = {
        'reply-to': text('The topic for the reply: `<prefix>.command-replies.<name>`.'),
        'correlation-id': text('At most 200 characters; comes back with the reply.'),
        traceparent: text('The trace that the command belongs to (W3C Trace Context), if any.'),
      };
      this.message(channel, type, {
        name: type,
        summary: `${summary} Scope \`${scope}\`.`,
        contentType: 'application/jose',
        headers: { type: 'object', properties: headers },
        payload: {
          ...text(
            'Compact JWS, `alg` `Ed25519` (RFC 9864) or `EdDSA`, signed with the private key of the service token whose id is its `kid`.',
          ),
          contentMediaType: 'application/jose',
          'x-jws-payload': this.schema(schema, 'input'),
        },
        bindings: keyOf('portal/account that the command is for'),
        examples: [
          {
            name: 'signed',
            summary: 'Signed with the key of RFC 8037, appendix A.1.',
            headers: { 'reply-to': 'twinlock.command-replies.tool', 'correlation-id': '1' },
            payload: commandExample(contract),
          },
        ],
      });
      this.message(replies, `${type}.reply`, {
        name: `${type}.reply`,
        summary: `The answer to ${type}.`,
        headers: {
          type: 'object',
          required: ['correlation-id'],
          properties: { 'correlation-id': text('As it was sent.') },
        },
        payload: this.schema(z.strictObject({ reply }), 'output'),
        examples: [{ name: 'answer', headers: { 'correlation-id': '1' }, payload: { reply: replyExample } }],
      });
    }
    this.operation('two-factor.commands', {
      action: 'receive',
      channel,
      summary: 'two-factor carries out the commands of gateways and tools.',
      reply: this.replyOf(
        replies,
        all.map(({ type }) => type),
        'refused',
      ),
    });
  }

  deadLetters(app: AppName): void {
    const channel = this.channel(`${app}.dead-letter`, topics.deadLetters(app), `What ${app} could not handle.`);
    this.message(channel, 'dead-letter', {
      name: 'dead-letter',
      summary: 'Where the message that could not be handled is, and why it failed; none of its content.',
      payload: this.schema(deadLetterMessage, 'output'),
      examples: [{ name: 'letter', payload: deadLetterExample }],
    });
    this.operation(`${app}.dead-letter`, { action: 'send', channel, summary: 'For monitoring.' });
  }

  whole(): Json {
    return {
      asyncapi: '3.0.0',
      info: {
        title: 'Twinlock',
        version: '1',
        description: 'Two-factor authentication for multi-user portals, on Apache Kafka.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      defaultContentType: 'application/json',
      servers: {
        kafka: {
          host: '{brokers}',
          protocol: 'kafka',
          variables: { brokers: { default: 'localhost:9092', description: 'KAFKA_BROKERS' } },
        },
      },
      channels: this.channels,
      operations: this.operations,
      components: { messages: this.messages, schemas: this.schemas },
    };
  }

  private channel(name: string, address: string, description: string, parameters: Json = {}): string {
    this.channels[name] ??= { address, description, parameters: { ...prefix, ...parameters }, messages: {} };
    return name;
  }

  /** What the topic holds of it is a ciphertext; `x-sealed` is the schema of what is in it. */
  private sealed(schema: z.ZodType, io: 'input' | 'output', example: unknown): Json {
    return {
      contentType: 'application/octet-stream',
      payload: {
        ...text('AES-256-GCM under a key derived from BUS_KEYS; only the apps can open it. In it is JSON.'),
        format: 'binary',
        'x-sealed': { ...this.schema(schema, io), examples: [example] },
      },
    };
  }

  private replyOf(channel: string, to: readonly string[], ...others: string[]): Json {
    const messages = [...to.map((name) => `${name}.reply`), 'problem', ...others];
    return {
      channel: reference(`channels/${channel}`),
      messages: messages.map((name) => reference(`channels/${channel}/messages/${name}`)),
    };
  }

  private message(channel: string, name: string, message: Json): void {
    const id = `${channel}.${name}`;
    this.messages[id] = message;
    this.channels[channel]!.messages[name] = reference(`components/messages/${id}`);
  }

  private operation(name: string, operation: { channel: string } & Json): void {
    const messages = Object.keys(this.channels[operation.channel]!.messages);
    this.operations[name] = {
      ...operation,
      channel: reference(`channels/${operation.channel}`),
      messages: messages.map((one) => reference(`channels/${operation.channel}/messages/${one}`)),
    };
  }

  /** Its JSON Schema (draft 7, which AsyncAPI's own is a superset of); schemas that have an id become components. */
  private schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      definitions = {},
      ...own
    } = z.toJSONSchema(schema, {
      io,
      target: 'draft-7',
      unrepresentable: 'any',
    }) as Json;
    for (const [id, definition] of Object.entries(definitions as Json)) this.schemas[id] = toComponents(definition);
    return toComponents(own);
  }
}

const toComponents = (schema: unknown): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"#/components/schemas/')) as Json;

/** CloudEvents 1.0, Kafka protocol binding, binary mode. */
const cloudEvent = (type: string): Json => ({
  'content-type': { type: 'string', const: 'application/json' },
  ce_specversion: { type: 'string', const: '1.0' },
  ce_id: text('The id of the event; a duplicate carries the same.'),
  ce_type: { type: 'string', const: type },
  ce_source: text('The app whose event it is.'),
  ce_time: { type: 'string', format: 'date-time' },
  ce_subject: text('The key of the message.'),
  ce_portal: text('The portal.'),
  ce_account: text('The account, where there is one.'),
  ce_streamversion: text('The number of the event in its stream, from 1 without gaps.'),
  ce_previoushash: text('The hash of the event before it in its stream; 64 zeros for the first.'),
  ce_correlationid: text('Of the request that the event was recorded for.'),
  ce_hash: text('SHA-256 over the RFC 8785 bytes of the value without `hash`.'),
});
