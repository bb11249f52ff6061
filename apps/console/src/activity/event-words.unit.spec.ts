import { detailsOf } from './event-words.js';

describe('the details of an event', () => {
  it('are what changed, from what to what', () => {
    const settings = { from: { enabled: false, maxFailedAttempts: 5 }, to: { enabled: true, maxFailedAttempts: 5 } };
    expect(detailsOf(settings)).toEqual([['enabled', 'false → true']]);
    expect(detailsOf({ email: { from: null, to: 'a@example.org' } })).toEqual([['email', '– → a@example.org']]);
    expect(detailsOf({ from: null, to: { issuer: 'https://idp.example' } })).toEqual([
      ['issuer', '– → https://idp.example'],
    ]);
  });

  it('are words and numbers, and no ids', () => {
    const data = { purpose: 'login', failedAttempts: 2, sessionId: 's1', secretId: 'k1', timeStep: 7, id: 'x' };
    expect(detailsOf(data)).toEqual([
      ['purpose', 'login'],
      ['failedAttempts', '2'],
    ]);
  });
});
