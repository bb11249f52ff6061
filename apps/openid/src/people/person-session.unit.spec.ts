import { ACR, authenticationOf } from './person-session.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString();
const seconds = (minute: number) => Date.parse(at(minute)) / 1_000;
const proved = (passwordAt: string | null, authenticatorId: string | null = null) =>
  authenticationOf({ beganAt: at(0), proof: { passwordAt, authenticatorId } });

describe('how a person has logged in', () => {
  it('is by two factors where this session has passed a password and a code', () => {
    expect(proved(at(0), 'k1')).toEqual({ acr: ACR.twoFactors, amr: ['pwd', 'otp', 'mfa'], authTime: seconds(0) });
  });

  it('is by one where it has passed a password alone, also from a remembered browser', () => {
    expect(proved(at(0))).toEqual({ acr: ACR.oneFactor, amr: ['pwd'], authTime: seconds(0) });
  });

  it('is by none of ours after single sign-on and login tokens', () => {
    expect(proved(null)).toEqual({ acr: ACR.oneFactor, amr: [], authTime: seconds(0) });
  });

  it('is as of the last proof', () => {
    expect(proved(at(7), 'k1').authTime).toBe(seconds(7));
  });
});
