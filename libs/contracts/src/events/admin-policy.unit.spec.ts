import { z } from 'zod';
import {
  initialProfile,
  initialTwoFactorSettings,
  portalProfileChange,
  twoFactorSettings,
  twoFactorSettingsChange,
  withoutDefaults,
  wholeSettings,
} from './admin-policy.js';

describe('the two-factor setting', () => {
  it('is whole where nobody has set anything, and where something was recorded before there were all members', () => {
    expect(initialTwoFactorSettings).toEqual({
      enabled: false,
      maxFailedAttempts: 5,
      lockMinutes: 0,
      rememberDays: 0,
      required: false,
      graceDays: 7,
    });
    expect(wholeSettings({ enabled: true })).toEqual({ ...initialTwoFactorSettings, enabled: true });
  });

  it('is changed by a body that leaves out what stays as it is', () => {
    for (const name of Object.keys(initialTwoFactorSettings) as (keyof typeof initialTwoFactorSettings)[]) {
      const { [name]: _, ...rest } = initialTwoFactorSettings;
      expect(twoFactorSettingsChange.parse(rest)).toEqual(rest);
    }
    expect(twoFactorSettingsChange.parse({})).toEqual({});
  });

  it('keeps a later member that a change leaves out', () => {
    const later = twoFactorSettings.extend({ later: z.int().max(1440).default(0) });
    expect(withoutDefaults(later).partial().parse({ enabled: true })).toEqual({ enabled: true });
    expect(withoutDefaults(later).partial().safeParse({ later: 1441 }).success).toBe(false);
  });
});

describe('the profile of a portal', () => {
  const refused = (change: object) => !portalProfileChange.safeParse(change).success;

  it('is changed by a body that says what it changes; null clears', () => {
    expect(portalProfileChange.parse({})).toEqual({});
    expect(portalProfileChange.parse(initialProfile)).toEqual(initialProfile);
    expect(portalProfileChange.parse({ displayName: ' Acme ', language: 'de' })).toEqual({
      displayName: 'Acme',
      language: 'de',
    });
    expect(refused({ logo: 'https://acme.example/logo.svg' })).toBe(true);
  });

  it.each([
    ['displayName', 256],
    ['issuer', 32],
    ['supportContact', 200],
  ])('R50 has a %s of 1 to %i characters that can be read', (name, most) => {
    expect(refused({ [name]: 'x'.repeat(most) })).toBe(false);
    for (const text of ['', ' ', 'x'.repeat(most + 1), 'a\nb', 'a\u202eb', 'a\u200bb', 'a\u0000b', 'a\ud800b'])
      expect([text, refused({ [name]: text })]).toEqual([text, true]);
  });

  it('has an issuer without a colon, which would end it', () => {
    for (const issuer of ['Acme: VPN', ':', 'Acme：VPN']) expect([issuer, refused({ issuer })]).toEqual([issuer, true]);
  });

  it('has a language that the pages have', () => {
    for (const language of ['fr', 'EN', 'en-GB', ''])
      expect([language, refused({ language })]).toEqual([language, true]);
  });
});
