import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { encodeCommit, verifyEvent } from '#libs/event-store/src/commit.js';
import type { KafkaMessage, Message } from '../cluster/connection.js';
import { encodeEvents, LARGEST_BYTES, readEnvelope, readEvent } from './cloud-events.js';

const commit = encodeCommit(null, {
  fold: { contracts: twoFactorEvents },
  stream: 'demo/a1',
  commitId: 'c1',
  at: 1_795_512_600_000,
  context: aContext({ actor: { kind: 'user', id: 'a1' } }),
  events: [{ type: 'AttemptFailed', data: twoFactorEvents.AttemptFailed.example }],
});
const [sent] = encodeEvents(commit, 'two-factor');
const received = (changes: Partial<Message> = {}): KafkaMessage => {
  const { key, value, headers } = { ...sent, ...changes };
  const buffer = (text: Message['value'] | undefined) =>
    text === null || text === undefined ? null : Buffer.from(text);
  return { key: buffer(key), value: buffer(value), headers: headers ?? {}, timestamp: '0', attributes: 0, offset: '0' };
};
const read = (message: KafkaMessage) => readEvent(message, readEnvelope(message, 'two-factor'));

describe('an event on its topic', () => {
  it('is a CloudEvent whose data is what was recorded, with its hash', () => {
    expect(sent?.key).toBe('demo/a1');
    expect(sent?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_id: 'c1.1',
      ce_type: 'two-factor.attempt-failed.v1',
      ce_subject: 'demo/a1',
      ce_portal: 'demo',
      ce_account: 'a1',
      ce_streamversion: '1',
      ce_previoushash: '0'.repeat(64),
      ce_hash: commit.events[0]?.hash,
    });
    const event = read(received());
    expect(event.hash).toBe(commit.events[0]?.hash);
    expect(verifyEvent(event)).toBe(true);
  });

  const text = String(sent?.value);
  it.each([
    ['is no CloudEvent 1.0', { headers: {} }],
    ['has no key', { key: null }],
    ['is of an unknown type or version', { headers: { ...sent?.headers, ce_type: 'two-factor.attempt-failed.v9' } }],
    ['is of a type of another app', { headers: { ...sent?.headers, ce_type: 'identity.login-failed.v1' } }],
    ['has no value', { value: null }],
    ['is too large', { value: `${text}${' '.repeat(LARGEST_BYTES)}` }],
    ['is not JSON', { value: text.slice(1) }],
    ['is not the form of an event', { value: '{}' }],
    ['says one thing in its attributes and another in its data', { key: 'demo/a2' }],
    ['does not have its hash', { value: text.replace('"failedAttempts":2', '"failedAttempts":3') }],
  ])('%s: it is unreadable', (reason, changes) => {
    expect(() => read(received(changes))).toThrow(reason);
  });
});
