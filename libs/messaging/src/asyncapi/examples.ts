import { createPrivateKey, sign } from 'node:crypto';
import type { EventContract, SourceApp } from '#libs/contracts/src/events/event.js';
import { isOfPortal } from '#libs/contracts/src/events/events.js';
import type { CommandContract } from '#libs/contracts/src/messages/commands.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import type { SealedEvent } from '#libs/event-store/src/sealing.js';
import { encodeEvents } from '../kafka/events/cloud-events.js';

export const EXAMPLE_ID = '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11';
export const EXAMPLE_AT = Date.parse('2026-11-24T09:30:00.000Z');

/** An event as the first of its stream, exactly as it stands on the topic: its hash is right. */
export function eventExample(app: SourceApp, contract: EventContract) {
  const commit = encodeCommit(null, {
    fold: { contracts: { [contract.name]: contract } },
    stream: isOfPortal(contract) ? 'demo' : 'demo/a1',
    commitId: EXAMPLE_ID,
    at: EXAMPLE_AT,
    context: { actor: { kind: 'system' }, correlationId: EXAMPLE_ID, entrance: 'http' },
    events: [
      { type: contract.name, data: contract.example as object, ...sealedExample(contract) } as SealedEvent<never>,
    ],
  });
  const [message] = encodeEvents(commit, app);
  if (typeof message?.value !== 'string') throw new TypeError('an event has no value');
  return { headers: message.headers as Record<string, string>, payload: JSON.parse(message.value) as object };
}

/** As many characters as are of use in an example. */
const sealedExample = ({ person }: EventContract) => ({
  origin: { kid: 'a1/2026-11', ciphertext: 'q80fTWwcDBbwAGSW8s0HEyRp5hrrVR4QxmGqXRcRFEEcm7VcjDTl2A==' },
  ...(person && {
    person: { eventId: '', kid: 'a1/person', ciphertext: '3pYmhVtTxIkuYs1v8p9VpHRgTY2kWTzKtVXhzZaCMyQm0rRMjGu5' },
  }),
});

/** The key of RFC 8037, appendix A.1, which everybody knows. */
export const exampleKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};

/** The command as its sender signs it (compact JWS), with the key of RFC 8037. */
export function commandExample({ example }: CommandContract): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'EdDSA', kid: 'v1' })}.${encode(example)}`;
  const key = createPrivateKey({ key: exampleKey, format: 'jwk' });
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
