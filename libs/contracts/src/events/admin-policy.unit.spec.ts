import { z } from 'zod';
import {
  initialTwoFactorSettings,
  twoFactorSettings,
  twoFactorSettingsChange,
  withoutDefaults,
  wholeSettings,
} from './admin-policy.js';

describe('the two-factor setting', () => {
  it('is whole where nobody has set anything, and where something was recorded before there were all members', () => {
    expect(initialTwoFactorSettings).toEqual({ enabled: false, maxFailedAttempts: 5 });
    expect(wholeSettings({ enabled: true })).toEqual({ ...initialTwoFactorSettings, enabled: true });
  });

  it('is changed by a body that says what it was from the start', () => {
    for (const name of ['enabled', 'maxFailedAttempts'] as const) {
      const { [name]: _, ...rest } = initialTwoFactorSettings;
      expect(twoFactorSettingsChange.safeParse(rest).success).toBe(false);
    }
  });

  it('keeps a later member that a change leaves out', () => {
    const later = twoFactorSettings.extend({ lockMinutes: z.int().max(1440).default(0) });
    expect(withoutDefaults(later).partial().parse({ enabled: true })).toEqual({ enabled: true });
    expect(withoutDefaults(later).partial().safeParse({ lockMinutes: 1441 }).success).toBe(false);
  });
});
