import { detailsOf } from './event-words.js';

const words = new Set(['enabled', 'maxFailedAttempts', 'email', 'issuer', 'purpose', 'failedAttempts']);
const details = (data: Record<string, unknown>) => detailsOf(data, (name) => words.has(name));

describe('the details of an event', () => {
  it('are what changed, from what to what', () => {
    const settings = { from: { enabled: false, maxFailedAttempts: 5 }, to: { enabled: true, maxFailedAttempts: 5 } };
    expect(details(settings)).toEqual([['enabled', 'false → true']]);
    expect(details({ email: { from: null, to: 'a@example.org' } })).toEqual([['email', '– → a@example.org']]);
    expect(details({ from: null, to: { issuer: 'https://idp.example' } })).toEqual([
      ['issuer', '– → https://idp.example'],
    ]);
  });

  it('are the members that have a word', () => {
    const data = { purpose: 'login', failedAttempts: 2, sessionId: 's1', timeStep: 7, scopes: ['events'] };
    expect(details(data)).toEqual([
      ['purpose', 'login'],
      ['failedAttempts', '2'],
    ]);
  });
});
