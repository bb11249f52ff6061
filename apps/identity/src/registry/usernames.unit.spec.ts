import fc from 'fast-check';
import { keyText, opaqueId, portalId, ssoSubject, username } from '#libs/contracts/src/primitives.js';
import { keyBytes } from '#libs/engine/src/embedded/driver/keys.js';
import type { Key } from '#libs/engine/src/port.js';
import { encodeKey } from '#libs/engine/src/mongo/records/keys.js';
import { anyText } from '#test/support/any-text.js';
import { nameOf } from './usernames.js';

/** What grows in an engine's encoding, or when it is normalized or folded, over and over. */
const growing = fc
  .tuple(
    fc.constantFrom('‼', '\ufdfa', 'ﷺ', '!', '"', '#', ' ', '\u0001', '\u0390', 'ŉ', '😀', '€', '\ud7ff'),
    fc.nat(600),
  )
  .map(([text, times]) => text.repeat(times));
const text = fc.oneof(anyText(), anyText({ maxLength: 512 }), growing);

const portal = 'p'.repeat(63);
const id = 'a'.repeat(128);
const isKeyOfEveryEngine = (key: Key): void => {
  for (const encode of [keyBytes, encodeKey]) expect(() => encode(key)).not.toThrow();
};

describe('what somebody types', () => {
  it('R50 as a name makes a key of every engine, beside the longest portal and account', () => {
    fc.assert(
      fc.property(text, (typed) => isKeyOfEveryEngine([portal, nameOf(typed), id])),
      { numRuns: 2_000 },
    );
  });

  it('R50 that is taken for a new name is the name of its account alone', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const { success, data = '' } = username.safeParse(typed);
        if (success) expect([nameOf(data), nameOf(data).trim()]).toEqual([nameOf(typed), nameOf(typed)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a portal', portalId],
    ['an id', opaqueId],
    ['an SSO subject', ssoSubject],
    ['the id of a command', keyText(200)],
  ])('R50 that is taken for %s makes a key of every engine', (_, schema) => {
    fc.assert(
      fc.property(text, (typed) => {
        if (schema.safeParse(typed).success) isKeyOfEveryEngine([Number.MAX_SAFE_INTEGER, id, typed]);
      }),
      { numRuns: 2_000 },
    );
  });
});
