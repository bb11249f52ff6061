import type { CallOptions, Reply } from '../http/calls.js';
import { isProblem, type Twinlock } from '../http/twinlock.js';
import { TransportError } from '../transport-error.js';

export interface GatewayOptions {
  /** With a service token of scope `challenges`. */
  readonly twinlock: Pick<Twinlock, 'openChallenge' | 'verifyChallenge'>;
  readonly portal: string;
}

/** An account by its id in Twinlock, or by the application's own. */
export type AccountRef = { readonly accountId: string } | { readonly externalId: string };

/** Where the person is, told with the events of the login. */
export interface PersonsClient {
  readonly address?: string | undefined;
  readonly userAgent?: string | undefined;
}

export type Begun =
  /** `enrolment`: the portal requires 2FA, and the person has none; until then it must be set up. */
  | { readonly required: false; readonly enrolment?: { readonly graceEndsAt: string } }
  | { readonly required: true; readonly challenge: string; readonly expiresAt: string };

/** `unavailable`: the code may be used up all the same; ask for the next one. */
export type Refused =
  /** `enrolment-required`: 2FA is required, not set up, and the time to do so is over. */
  | { readonly outcome: 'locked' | 'suspended' | 'enrolment-required' }
  | { readonly outcome: 'unavailable'; readonly retryAfterMs?: number };

/** Only `passed` lets in. `ended`: start again with the password. `malformed`: not counted; ask again. */
export type Verified =
  | {
      readonly outcome: 'passed';
      readonly accountId: string;
      readonly method: Reply<'verifyChallenge'>['method'];
      /** Present only if few are left. */
      readonly backupCodesLeft?: number;
    }
  | { readonly outcome: 'wrong-code'; readonly attemptsLeft: number | undefined }
  | { readonly outcome: 'ended' | 'malformed' }
  | Refused;

export interface Gateway {
  /**
   * Asks whether a code is needed; only after the password has been checked, since the answer tells whether the person has 2FA.
   * @throws ProblemError such as `account-locked`, `account-suspended`, `not-found` @throws TransportError
   */
  begin(person: AccountRef & { readonly client?: PersonsClient }, options?: CallOptions): Promise<Begun>;
  /** Checks a code or a backup code as the person typed it. @throws ProblemError a fault of the gateway, such as `unauthenticated` */
  verify(challenge: string, typed: string, options?: CallOptions): Promise<Verified>;
}

/** No code of any kind is longer, whatever groups it is typed in. */
const LONGEST_TYPED = 64;
const LONGEST_CODE = 8;
const LONGEST_USER_AGENT = 512;

export function newGateway({ twinlock, portal }: GatewayOptions): Gateway {
  return {
    async begin({ client = {}, ...person }, options) {
      const told = toldOf(client);
      const body = { portal, accountId: accountName(person), ...(told && { client: told }) };
      const answer = await twinlock.openChallenge(body, options);
      // by another product, or another release: nobody is let in by what is not understood
      const { required, challenge, expiresAt, enrolment } = answer as {
        required?: unknown;
        challenge?: unknown;
        expiresAt?: unknown;
        enrolment?: { graceEndsAt: string };
      };
      if (required === false) return { required, ...(enrolment && { enrolment }) };
      if (required === true && typeof challenge === 'string' && challenge !== '')
        return { required, challenge, expiresAt: String(expiresAt) };
      throw new TransportError('not-twinlock', 'the answer is not understood', {
        call: 'openChallenge',
        requestId: '',
      });
    },

    async verify(challenge, typed, options) {
      const code = typed.replace(/\s/g, '');
      if (code === '' || code.length > LONGEST_TYPED) return { outcome: 'malformed' };
      const one = code.length > LONGEST_CODE ? { backupCode: code } : { code };
      try {
        const { passed, ...more } = await twinlock.verifyChallenge({ challenge, ...one }, options);
        return (passed as unknown) === true ? { outcome: 'passed', ...more } : { outcome: 'unavailable' };
      } catch (error) {
        return notPassed(error);
      }
    },
  };
}

function notPassed(error: unknown): Verified {
  if (isProblem(error, 'verifyChallenge')) {
    if (error.code === 'wrong-code') return { outcome: 'wrong-code', attemptsLeft: error.attemptsLeft };
    if (error.code === 'malformed-code') return { outcome: 'malformed' };
    if (error.code === 'challenge-ended') return { outcome: 'ended' };
  }
  const refused = refusedFor(error);
  if (refused) return refused;
  throw error;
}

/** What a person can be told; undefined: a fault that is the application's. */
export function refusedFor(error: unknown): Refused | undefined {
  if (error instanceof TransportError) return { outcome: 'unavailable' };
  if (!isProblem(error)) return undefined;
  if (error.code === 'account-locked') return { outcome: 'locked' };
  if (error.code === 'account-suspended') return { outcome: 'suspended' };
  if (error.code === 'enrolment-required') return { outcome: 'enrolment-required' };
  if (error.status !== 429 && error.status < 500) return undefined;
  return {
    outcome: 'unavailable',
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  };
}

/** As the product's calls name it. */
export const accountName = (account: AccountRef): string =>
  'externalId' in account ? `external:${account.externalId}` : account.accountId;

/** What a browser says of itself must not keep its person out: the product takes no control characters, and no zone of an address. */
function toldOf({ address, userAgent }: PersonsClient): { address?: string; userAgent?: string } | undefined {
  const told = {
    ...addressOf(address),
    ...userAgentOf(userAgent),
  };
  return Object.keys(told).length > 0 ? told : undefined;
}

function addressOf(text = ''): { address?: string } {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:]*:[\da-f:.]*)$/i.test(address) ? { address } : {};
}

function userAgentOf(text = ''): { userAgent?: string } {
  const userAgent = text.replace(/[\p{Cc}\p{Cs}]/gu, '').slice(0, LONGEST_USER_AGENT);
  return userAgent === '' ? {} : { userAgent };
}
