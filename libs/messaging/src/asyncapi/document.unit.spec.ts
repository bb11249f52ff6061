import { compactVerify, importJWK } from 'jose';
import { carriedContext } from '#libs/contracts/src/context.js';
import { recordedEvent } from '#libs/contracts/src/events/event.js';
import { eventContracts, sourceApps } from '#libs/contracts/src/events/events.js';
import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { commandPayload, commands, refusedFor } from '#libs/contracts/src/messages/commands.js';
import { deadLetterMessage } from '#libs/contracts/src/messages/dead-letter.js';
import { problemDocument } from '#libs/contracts/src/problems.js';
import { verifyEvent } from '#libs/event-store/src/commit.js';
import { requestContracts } from '../answering.js';
import { asyncApiDocument } from './document.js';
import { exampleKey } from './examples.js';

interface Message {
  readonly payload: { readonly 'x-sealed'?: { readonly examples: readonly unknown[] } };
  readonly examples?: readonly { readonly headers?: Record<string, string>; readonly payload: unknown }[];
}
const document = asyncApiDocument(appNames) as {
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  components: { messages: Record<string, Message> };
};
const messageOf = (channel: string, name: string) => {
  const { $ref } = document.channels[channel]!.messages[name]!;
  return document.components.messages[$ref.replace('#/components/messages/', '')]!;
};
const exampleOf = (channel: string, name: string) => {
  const { examples } = messageOf(channel, name);
  expect(examples).toHaveLength(1);
  return examples![0]!;
};
/** Of what is in a message that is sealed. */
const sealedExampleOf = (channel: string, name: string) => messageOf(channel, name).payload['x-sealed']!.examples[0]!;

describe('the AsyncAPI document', () => {
  it('has every topic', () => {
    const names = [
      ...sourceApps.flatMap((app) => [`${app}.events`, `${app}.requests`]),
      ...['audit', 'openid', 'notify'].map((app) => `${app}.requests`),
      ...appNames.map((app) => `${app}.dead-letter`),
      'two-factor.commands',
      'command-replies.{name}',
      '{app}.replies',
    ];
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses.sort()).toEqual(names.map((name) => `{prefix}.${name}`).sort());
  });

  it.each(sourceApps.flatMap((app) => eventContracts[app].map((contract) => [app, contract.type, contract] as const)))(
    'has an example of what %s says: %s, with its hash',
    (app, type, contract) => {
      const { payload, headers } = exampleOf(`${app}.events`, type);
      const event = recordedEvent.parse(payload);
      expect(contract.schema.parse(event.data)).toEqual(contract.example);
      expect(verifyEvent(event)).toBe(true);
      expect(headers).toMatchObject({ ce_type: type, ce_hash: event.hash, ce_id: event.id });
    },
  );

  it.each([...requestContracts.values()].map((contract) => [contract.pattern, contract] as const))(
    'has an example of the request %s, and of its reply',
    (pattern, contract) => {
      const channel = `${contract.app}.requests`;
      const { payload, context } = sealedExampleOf(channel, pattern) as { payload: unknown; context: unknown };
      expect(contract.schema.safeParse(payload)).toMatchObject({ success: true });
      expect(carriedContext.safeParse(context)).toMatchObject({ success: true });
      expect(exampleOf(channel, pattern).headers).toMatchObject({ pattern });
      const { reply } = sealedExampleOf('replies', `${pattern}.reply`) as { reply: unknown };
      expect(contract.reply.safeParse(reply)).toMatchObject({ success: true });
    },
  );

  it.each(Object.values(commands).map((contract) => [contract.type, contract] as const))(
    'has an example of the command %s, signed, and of its reply',
    async (type, contract) => {
      const { d: _, ...publicKey } = exampleKey;
      const key = await importJWK(publicKey, 'EdDSA');
      const { payload } = await compactVerify(String(exampleOf('two-factor.commands', type).payload), key);
      expect(commandPayload.parse(JSON.parse(new TextDecoder().decode(payload)))).toMatchObject({ type });
      const { reply } = exampleOf('command-replies', `${type}.reply`).payload as { reply: unknown };
      expect(contract.reply.safeParse(reply)).toMatchObject({ success: true });
    },
  );

  it('has an example of a refusal and of a dead letter', () => {
    const refusals = [sealedExampleOf('replies', 'problem'), exampleOf('command-replies', 'problem').payload];
    for (const refusal of refusals as { problem: unknown }[]) {
      expect(problemDocument.safeParse(refusal.problem)).toMatchObject({ success: true });
    }
    const { problem } = exampleOf('command-replies', 'refused').payload as { problem: { reason: unknown } };
    expect(problemDocument.safeParse(problem)).toMatchObject({ success: true });
    expect(refusedFor.options).toContain(problem.reason);
    const { payload } = exampleOf('audit.dead-letter', 'dead-letter');
    expect(deadLetterMessage.safeParse(payload)).toMatchObject({ success: true });
  });
});
