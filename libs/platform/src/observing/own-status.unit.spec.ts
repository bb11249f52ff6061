import { StoreUnavailable } from '#libs/engine/src/port.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import type { DeadLetter } from '#libs/messaging/src/consuming/dead-letters.js';
import { DeadLetters } from '#libs/messaging/src/consuming/dead-letters.js';
import { KeyTimes } from '#libs/vault/src/key-times.js';
import { contextOf } from '../testing/stand-ins.js';
import { type OwnKeys, OwnStatus } from './own-status.js';

const DAY_MS = 86_400_000;
const letter: DeadLetter = {
  source: 'commands',
  position: 7,
  index: 2,
  stream: 'demo/a1',
  type: '',
  eventId: null,
  reason: 'Unreadable',
  at: '2026-11-24T09:30:00.000Z',
};

let engine: MemoryEngine;
let letters: DeadLetters;
let now: number;
beforeEach(async () => {
  engine = new MemoryEngine();
  letters = new DeadLetters(engine.records('dead-letters'), () => Promise.resolve());
  await letters.put(letter);
  now = 400 * DAY_MS;
});

function statusOf({ stalled = false, keys }: { stalled?: boolean; keys?: OwnKeys } = {}) {
  const health = () => [{ source: 'identity' as const, position: 3, lag: 2, stalled, lastError: null }];
  const context = contextOf('two-factor', {}, { engine, clock: () => now });
  return new OwnStatus(context, { health, deadLetters: letters }, keys).describe();
}

it('an app that is ready tells its consumers and its dead letters, of these neither stream nor content', async () => {
  const { version, ...status } = await statusOf();
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(status).toEqual({
    status: 'ok',
    consumers: [{ source: 'identity', lag: 2, stalled: false }],
    deadLetters: {
      count: 1,
      newest: [
        {
          id: 'two-factor:commands:7:2',
          topic: 'twinlock.two-factor.commands',
          type: '',
          eventId: null,
          reason: 'Unreadable',
          at: letter.at,
        },
      ],
    },
    mails: false,
  });
});

it('one whose consumer stands still says which, and tells the rest', async () => {
  expect(await statusOf({ stalled: true })).toMatchObject({
    status: 'consumer-stalled',
    consumers: [{ source: 'identity', stalled: true }],
    deadLetters: { count: 1 },
  });
});

it.each(['check', 'records'] as const)('one whose store is away tells what it knows without it: %s', async (part) => {
  const away = () => Promise.reject(new StoreUnavailable('gone'));
  if (part === 'check') engine.check = away;
  else letters.newest = away;
  const status = await statusOf();
  expect(status).toMatchObject({ status: 'store-unavailable', consumers: [{ source: 'identity' }] });
  expect(status).not.toHaveProperty('deadLetters');
});

it('a key ring is told by ids and times, and should be rotated once its current key is a year old', async () => {
  const times = new KeyTimes(engine, () => now);
  await times.note(['old']);
  now += 10 * DAY_MS;
  await times.note(['new']);
  const ring = async (...keyIds: string[]) => {
    const keys = { rotation: { keyIds, reEncryption: 'running' as const }, times };
    return (await statusOf({ keys })).keyRing;
  };
  expect(await ring('new', 'old', 'unknown')).toEqual({
    keys: [
      { id: 'new', firstSeenAt: '1971-02-15T00:00:00.000Z' },
      { id: 'old', firstSeenAt: '1971-02-05T00:00:00.000Z' },
      { id: 'unknown' },
    ],
    reEncryption: 'running',
    rotationAdvised: false,
  });
  now += 365 * DAY_MS - 1;
  expect(await ring('new', 'old')).toMatchObject({ rotationAdvised: false });
  expect(await ring('old', 'new')).toMatchObject({ rotationAdvised: true });
  now += 1;
  expect(await ring('new', 'old')).toMatchObject({ rotationAdvised: true });
});
