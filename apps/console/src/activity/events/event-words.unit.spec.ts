import { detailsOf } from './event-words.js';

const words = new Set(['enabled', 'maxFailedAttempts', 'email', 'issuer', 'purpose', 'failedAttempts']);
const details = (data: Record<string, unknown>, person?: object) => detailsOf(data, person, (name) => words.has(name));

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
});
