import { detailsOf, titleOf } from './event-words.js';

const words = new Set(['enabled', 'maxFailedAttempts', 'email', 'issuer', 'purpose', 'failedAttempts']);
const values = new Map([['purpose', new Map([['proof', 'to confirm an identity']])]]);
const details = (data: Record<string, unknown>, person?: object) =>
  detailsOf(data, person, {
    hasWord: (name) => words.has(name),
    ofValue: (name, value) => values.get(name)?.get(value),
  });

describe('what happened', () => {
  it('is the kind of the event, but a password that was set by a link is told apart', () => {
    const changed = (sessionId: string | null) =>
      titleOf({ type: 'identity.password-changed.v1', data: { passwordId: 'p2', sessionId } });
    expect(changed('s1')).toBe('event.password-changed');
    expect(changed(null)).toBe('activity.passwordSetByLink');
    expect(titleOf({ type: 'identity.logged-out.v1', data: { sessionId: null } })).toBe('event.logged-out');
  });
});

describe('the details of an event', () => {
  it('are what changed, from what to what', () => {
    const settings = { from: { enabled: false, maxFailedAttempts: 5 }, to: { enabled: true, maxFailedAttempts: 5 } };
    expect(details(settings)).toEqual([['enabled', 'false → true']]);
    expect(details({ email: { from: null, to: 'a@example.org' } })).toEqual([['email', '– → a@example.org']]);
    expect(details({ from: null, to: { issuer: 'https://idp.example' } })).toEqual([
      ['issuer', '– → https://idp.example'],
    ]);
  });

  it('are what it says of the person: all, or what changed and what was taken away', () => {
    const person = { email: 'a@example.org', issuer: 'https://idp.example', other: 'x' };
    expect(details({ purpose: 'login' }, person)).toEqual([
      ['purpose', 'login'],
      ['email', 'a@example.org'],
      ['issuer', 'https://idp.example'],
    ]);
    expect(details({ changed: ['email'] }, person)).toEqual([['email', 'a@example.org']]);
    expect(details({ changed: ['email'] }, {})).toEqual([['email', '–']]);
    expect(details({ changed: ['email'] })).toEqual([]);
  });

  it('are the members that have a word', () => {
    const data = { purpose: 'login', failedAttempts: 2, sessionId: 's1', timeStep: 7, scopes: ['events'] };
    expect(details(data)).toEqual([
      ['purpose', 'login'],
      ['failedAttempts', '2'],
    ]);
  });

  it('are told in the words that there are for a value of that member, also where it changed', () => {
    expect(details({ purpose: 'proof' })).toEqual([['purpose', 'to confirm an identity']]);
    expect(details({ purpose: { from: 'login', to: 'proof' } })).toEqual([
      ['purpose', 'login → to confirm an identity'],
    ]);
    expect(details({}, { email: 'proof' })).toEqual([['email', 'proof']]);
  });
});
