import type { Session } from '#libs/contracts/src/messages/requests.js';
import type { DescribedSession } from '#libs/contracts/src/messages/requests.js';

/** Authentication Context Class References: with one factor, or two. */
export const ACR = { oneFactor: 'urn:twinlock:acr:1fa', twoFactors: 'urn:twinlock:acr:2fa' } as const;

/** How a person has logged in, as an ID token says it (OpenID Connect Core 1.0 §2). */
export interface Authentication {
  readonly acr: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
  /** Seconds since 1970. */
  readonly authTime: number;
}

/** Of a session as it is now: a re-authentication counts, a remembered browser is no second factor (R14, R39). */
export function authenticationOf({
  beganAt,
  proof: { passwordAt, authenticatorId },
}: Pick<DescribedSession, 'beganAt'> & { readonly proof: Session['proof'] }): Authentication {
  const hasBoth = passwordAt !== null && authenticatorId !== null;
  const last = Math.max(Date.parse(beganAt), passwordAt === null ? 0 : Date.parse(passwordAt));
  return {
    acr: hasBoth ? ACR.twoFactors : ACR.oneFactor,
    amr: passwordAt === null ? [] : hasBoth ? ['pwd', 'otp', 'mfa'] : ['pwd'],
    authTime: Math.floor(last / 1_000),
  };
}
