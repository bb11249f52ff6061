import { z } from 'zod';
import { endpoint, needsProof } from './endpoint.js';
import { endpoints } from './endpoints.js';

describe('whether a request needs a fresh proof (R14)', () => {
  const body = z.strictObject({ name: z.string().optional(), admin: z.boolean().optional() });

  it.each(['POST /v1/doors', 'PUT /v1/doors', 'PATCH /v1/doors', 'DELETE /v1/doors'] as const)(
    'is to be said where a session can change something: %s',
    (route) => {
      for (const grant of ['session', 'administrator'] as const) {
        const define = () => endpoint('identity', 'open', route, { summary: 'Open.', allow: ['operator', grant] });
        expect(define).toThrow('open: nobody has said whether it needs a fresh proof');
      }
      expect(endpoint('identity', 'open', route, { summary: 'Open.', allow: ['operator'] }).proof).toBe('never');
    },
  );

  it('is not to be said of what only reads', () => {
    expect(endpoint('identity', 'look', 'GET /v1/doors', { summary: 'Look.', allow: ['session'] }).proof).toBe('never');
  });

  it.each([
    ['always', {}, true],
    ['never', { admin: true }, false],
    ['in-turn', { admin: true }, false],
  ] as const)('%s', (need, sent, needed) => {
    expect(needsProof(need, sent)).toBe(needed);
  });

  it('can depend on the members of the body, or on their values', () => {
    const { proof } = endpoint('identity', 'open', 'POST /v1/doors', {
      summary: 'Open.',
      allow: ['administrator'],
      proof: { bodyWith: { name: 'any value', admin: [true] } },
      body,
    });
    const needing = [{}, { admin: false }, { admin: true }, { name: '' }, { name: null }, { name: 'x', admin: false }];
    expect(needing.map((sent) => needsProof(proof, sent))).toEqual([false, false, true, true, true, true]);
    endpoint('identity', 'open', 'POST /v1/doors', {
      summary: 'Open.',
      allow: ['administrator'],
      // @ts-expect-error: no member of the body
      proof: { bodyWith: { nmae: 'any value' } },
      body,
    });
  });

  it('by a member that is inherited is not taken for one that was sent', () => {
    expect(needsProof({ bodyWith: { admin: 'any value' } }, Object.create({ admin: true }))).toBe(false);
  });

  it('is decided by the guard or in turn for every call of R14, and for no other', () => {
    const needs = (kind: (proof: unknown) => boolean) =>
      endpoints.filter(({ proof }) => kind(proof)).map(({ operationId }) => operationId);
    expect(needs((proof) => proof === 'in-turn').sort()).toEqual([
      'addTotpAuthenticator',
      'confirmTotpAuthenticator',
      'confirmTwoFactor',
      'disableMyTwoFactor',
      'issueBackupCodes',
      'removeAuthenticator',
      'resetTwoFactor',
      'setUpTwoFactor',
    ]);
    expect(needs((proof) => proof === 'always').sort()).toEqual([
      'changeProfileSettings',
      'changeSsoSettings',
      'changeTwoFactorSettings',
      'deleteAccount',
      'disableTwoFactor',
      'issueLoginToken',
      'issuePasswordLink',
      'registerBatch',
      'removeSsoSettings',
      'resumeAccount',
      'suspendAccount',
      'unlockAccount',
    ]);
    expect(needs((proof) => typeof proof === 'object').sort()).toEqual(['changeAccount', 'registerAccount']);
  });
});
