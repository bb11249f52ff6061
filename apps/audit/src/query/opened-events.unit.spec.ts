import { anEvent } from '#libs/contracts/src/testing/events.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { OpenedEvents } from './opened-events.js';

interface Asked {
  readonly sealed: readonly { readonly kid: string; readonly ciphertext: string; readonly eventId: string }[];
}
const asked: [pattern: string, eventIds: string[]][] = [];
/** Apps that open what is sealed as itself, but for keys that are gone. */
const opened = new OpenedEvents(
  new Requests(async ({ pattern, payload }) => {
    const { sealed } = JSON.parse(payload) as Asked;
    asked.push([pattern, sealed.map(({ eventId }) => eventId)]);
    const texts = sealed.map(({ kid, ciphertext }) => (kid === 'gone' ? null : ciphertext));
    return JSON.stringify({ reply: { opened: texts } });
  }),
);
beforeEach(() => asked.splice(0));

const origin = { kid: 'a1/2026-11', ciphertext: '{"address":"192.0.2.1"}' };
const person = { kid: 'a1/person', ciphertext: '{"username":"alice"}' };
const gone = { kid: 'gone', ciphertext: '' };
const plainOf = async (personal: object | undefined) => {
  const event = anEvent(personal && { personal });
  const [read] = await opened.of('demo', [event]);
  return read?.plain;
};

describe('opening events', () => {
  it.each([
    ['both parts', { origin, person }, { origin: { address: '192.0.2.1' }, person: { username: 'alice' } }],
    ['one part', { origin }, { origin: { address: '192.0.2.1' } }],
    ['one part of two', { origin, person: gone }, { origin: { address: '192.0.2.1' }, person: null }],
    ['nothing any more', { origin: gone, person: gone }, null],
    ['nothing where nothing is personal', undefined, undefined],
  ])('tells %s', async (_, personal, plain) => {
    expect(await plainOf(personal)).toEqual(plain);
  });

  it('asks each app once for all that it can open', async () => {
    const events = ['two-factor.attempt-failed.v1', 'identity.login-failed.v1', 'two-factor.user-unlocked.v1'].map(
      (type, at) => anEvent({ id: `e${at}`, type, personal: { origin } }),
    );
    await opened.of('demo', events);
    expect(asked).toEqual([
      ['two-factor.personal.open', ['e0', 'e2']],
      ['identity.personal.open', ['e1']],
    ]);
  });

  it('puts what was opened behind the hash in the text', async () => {
    const event = anEvent({ personal: { origin } });
    const found = { place: { number: 1, at: 0 }, event, text: JSON.stringify(event) };
    const [read] = await opened.found('demo', [found]);
    expect(JSON.parse(read!.text)).toEqual({ ...event, plain: { origin: { address: '192.0.2.1' } } });
    expect(read!.text.startsWith(found.text.slice(0, -1))).toBe(true);
  });

  it('tells nothing while an app does not answer', async () => {
    const away = new OpenedEvents(new Requests(() => Promise.reject(new Problem('unavailable'))));
    await expect(away.of('demo', [anEvent({ personal: { origin } })])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
