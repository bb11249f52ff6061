import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { eventsOf, recordedEvent } from '#libs/contracts/src/events/event.js';
import { canonical } from './canonical.js';
import { encodeCommit, hashOfForm, NO_HASH, recordedEvents, verifyEvent } from './commit.js';
import { InvalidEvent } from './invalid-event.js';
import { firstBreak } from './testing/first-break.js';
import { count, tally } from './testing/tally.js';

const at = Date.parse('2026-11-24T09:30:00.123Z');
const parts = {
  fold: tally,
  stream: 'demo/a1',
  commitId: 'c1',
  at,
  context: aContext({ actor: { kind: 'user', id: 'a1' } }),
} as const;
const { events } = count(2, 'n1', 1)(tally.initial);

describe('encodeCommit', () => {
  it('writes each event as its HTTP form, chained from 64 zeros', () => {
    const commit = encodeCommit(null, { ...parts, events });
    const [first, second] = recordedEvents(commit);
    expect(commit).toMatchObject({ stream: 'demo/a1', version: 1, commitId: 'c1', at, metadata: {} });
    expect(commit.events.map(({ name }) => name)).toEqual(['Counted', 'TallyClosed']);
    expect(first).toEqual({
      id: 'c1.1',
      type: 'two-factor.counted.v2',
      time: '2026-11-24T09:30:00.123Z',
      portal: 'demo',
      account: 'a1',
      actor: { kind: 'user', id: 'a1' },
      context: { correlationId: parts.context.correlationId, entrance: 'system' },
      data: { by: 2, note: 'n1' },
      streamVersion: 1,
      previousHash: NO_HASH,
      hash: commit.events[0]?.hash,
    });
    expect(second).toMatchObject({ id: 'c1.2', streamVersion: 2, previousHash: first?.hash, data: {} });
  });

  it('goes on from the head', () => {
    const before = encodeCommit(null, { ...parts, events });
    const head = { version: 2, hash: before.events[1]?.hash ?? '' };
    const commit = encodeCommit(head, { ...parts, commitId: 'c2', events });
    expect(commit.version).toBe(3);
    expect(recordedEvents(commit)[0]).toMatchObject({ streamVersion: 3, previousHash: head.hash });
    expect(firstBreak([...recordedEvents(before), ...recordedEvents(commit)])).toBe(-1);
  });

  it('gives events of a portal no account', () => {
    const [first] = recordedEvents(encodeCommit(null, { ...parts, stream: 'demo', events }));
    expect(first).toMatchObject({ portal: 'demo' });
    expect(first).not.toHaveProperty('account');
  });

  it('hashes the very bytes that it stores', () => {
    const [stored] = encodeCommit(null, { ...parts, events }).events;
    expect(stored?.hash).toBe(
      createHash('sha256')
        .update(stored?.body ?? '')
        .digest('hex'),
    );
    expect(stored?.body).toBe(
      '{"account":"a1","actor":{"id":"a1","kind":"user"},' +
        `"context":{"correlationId":"${parts.context.correlationId}","entrance":"system"},` +
        '"data":{"by":2,"note":"n1"},"id":"c1.1","portal":"demo",' +
        `"previousHash":"${NO_HASH}","streamVersion":1,"time":"2026-11-24T09:30:00.123Z","type":"two-factor.counted.v2"}`,
    );
  });

  it('writes for which command beside the events', () => {
    const context = { ...parts.context, command: { id: 'k1', digest: 'd1' } };
    expect(encodeCommit(null, { ...parts, context, events, answer: 'closed' }).metadata).toEqual({
      command: { id: 'k1', digest: 'd1', answer: 'closed' },
    });
  });

  it('writes where they come from into each event, and nothing of the client (R46, R42)', () => {
    const whence = { causationId: 'e1', sessionId: 's1', challengeId: 'c1', entrance: 'http' as const };
    const context = { ...parts.context, ...whence, client: { address: '192.0.2.1' } };
    for (const event of recordedEvents(encodeCommit(null, { ...parts, context, events }))) {
      expect(event.context).toEqual({ correlationId: parts.context.correlationId, ...whence });
    }
  });

  it('writes what is sealed in the order of RFC 8785', () => {
    const origin = { kid: 'a1/2026-11', ciphertext: 'b3JpZ2lu' };
    const person = { eventId: 'c1.1', kid: 'a1/person', ciphertext: 'cGVyc29u' };
    const [event] = recordedEvents(
      encodeCommit(null, { ...parts, events: [{ ...events[0]!, origin, person } as never] }),
    );
    expect(event?.personal).toEqual({ origin, person: { kid: person.kid, ciphertext: person.ciphertext } });
    expect(verifyEvent(event!)).toBe(true);
  });

  it.each(['Unheard', 'constructor', '__proto__'])('refuses an event that no contract names: %s', (type) => {
    const unknown = [{ type, data: {} }] as unknown as typeof events;
    expect(() => encodeCommit(null, { ...parts, events: unknown })).toThrow(InvalidEvent);
  });

  it('refuses data that the contract refuses, and says where but not what', () => {
    const wrong = [{ type: 'Counted', data: { by: 'hunter2', note: 'n1', typed: 'hunter3' } }];
    const encode = () => encodeCommit(null, { ...parts, events: wrong as unknown as typeof events });
    expect(encode).toThrow('event Counted is not valid: by: invalid_type, : unrecognized_keys');
    expect(encode).not.toThrow(/hunter/);
  });
});

/** Any JSON as data, to look at the encoding alone. */
const anything = eventsOf('two-factor')('Anything', '', z.record(z.string(), z.unknown()), {});
const encodeData = (data: Record<string, unknown>) =>
  encodeCommit(null, { ...parts, fold: { contracts: { Anything: anything } }, events: [{ type: 'Anything', data }] });
const bodyOf = (data: Record<string, unknown>) => encodeData(data).events[0]?.body ?? '';

describe('the bytes (RFC 8785)', () => {
  it('serializes numbers as in §3.2.2.3 and appendix B', () => {
    const data = JSON.parse(
      '{"n":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0,9007199254740993]}',
    );
    expect(bodyOf(data)).toContain('[333333333.3333333,1e+30,4.5,0.002,1e-27,0,9007199254740992]');
  });

  it('escapes text as in §3.2.2.2', () => {
    const data = JSON.parse(String.raw`{"text":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}`);
    expect(bodyOf(data)).toContain(String.raw`{"text":"€$\u000f\nA'B\"\\\\\"/"}`);
  });

  it('sorts keys by UTF-16 code units as in §3.2.3, at every depth', () => {
    const data = JSON.parse(
      String.raw`{"z":{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7},"a":[{"b":1,"a":2}]}`,
    );
    expect(bodyOf(data)).toContain(
      '"data":{"a":[{"a":2,"b":1}],"z":{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}}',
    );
  });

  it.each([[NaN], [Infinity], ['\ud800'], [{ '\udfff': 1 }], ['\\\ud800']])(
    'refuses what it cannot carry: %j',
    (value) => {
      expect(() => bodyOf({ value })).toThrow();
    },
  );

  it('takes a backslash before the letters of an escape for what it is', () => {
    expect(JSON.parse(bodyOf({ value: '\\ud800' })).data).toEqual({ value: '\\ud800' });
  });

  it('is the canonical text of whatever it carries, and hashes alike when it was parsed and sent on', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (data) => {
        const commit = encodeData(data);
        const body = commit.events[0]?.body ?? '';
        expect(canonical(JSON.parse(body))).toBe(body);
        const [recorded] = recordedEvents(commit);
        expect(recorded && verifyEvent(JSON.parse(JSON.stringify(recorded)))).toBe(true);
      }),
    );
  });
});

describe('what a consumer can check', () => {
  const commit = encodeCommit(null, { ...parts, events });
  const recorded = recordedEvents(commit);

  it('is an event of the public schema', () => {
    for (const one of recorded) expect(recordedEvent.parse(one)).toEqual(one);
  });

  it('is each event alone', () => {
    for (const one of recorded) {
      expect(hashOfForm(one)).toBe(one.hash);
      expect(verifyEvent(one)).toBe(true);
      expect(verifyEvent({ ...one, time: '2026-11-24T09:30:00.124Z' })).toBe(false);
      expect(verifyEvent({ ...one, data: { by: NaN } })).toBe(false);
    }
  });

  it('is the whole chain, or a part of it from a known head', () => {
    const [first, second] = recorded as [(typeof recorded)[0], (typeof recorded)[0]];
    expect(firstBreak(recorded)).toBe(-1);
    expect(firstBreak([second], { version: 1, hash: first.hash })).toBe(-1);
    expect(firstBreak([second])).toBe(0);
    expect(firstBreak([second], { version: 1, hash: second.hash })).toBe(0);
    expect(firstBreak([first, first, second])).toBe(1);
  });
});

it('the context is written as RFC 8785 orders it, whichever of its members there are', () => {
  const all = {
    causationId: 'e1',
    challengeId: 'c1',
    sessionId: 's1',
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  };
  const some = fc.subarray(Object.entries(all)).map((entries) => Object.fromEntries(entries) as Partial<typeof all>);
  fc.assert(
    fc.property(some, (members) => {
      const context = aContext({ entrance: 'bus', correlationId: 'é"\u2028', ...members });
      const [event] = recordedEvents(encodeCommit(null, { ...parts, context, events }));
      expect(verifyEvent(event!)).toBe(true);
      expect(event?.context).toEqual({ correlationId: 'é"\u2028', entrance: 'bus', ...members });
    }),
  );
});
