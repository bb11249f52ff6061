import type { Session } from '#libs/contracts/src/messages/requests.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { type Caller, sessionOf } from '#libs/platform/src/auth/caller.js';
import type { Proof } from '../second-factor/policy.js';
import type { AccountRef } from './second-factors.js';

/** A change that users make to their own second factor, and what their session has proved. */
export interface OwnChange {
  readonly account: AccountRef;
  readonly username: string;
  readonly proof: Proof;
  readonly correlationId: string;
}

export function ownChange({ caller, correlationId }: { caller: Caller; correlationId: string }): OwnChange {
  const { portal, accountId, username, sessionId, proof } = sessionOf(caller);
  return { account: { portal, accountId }, username, proof: proofOf({ sessionId, proof }), correlationId };
}

export const proofOf = ({ sessionId, proof }: Pick<Session, 'sessionId' | 'proof'>): Proof => ({
  sessionId,
  passwordAt: proof.passwordAt === null ? null : Date.parse(proof.passwordAt),
  secretId: proof.secretId,
});

export const originOf = ({ account, correlationId }: OwnChange): Origin => ({
  actor: { kind: 'user', id: account.accountId },
  correlationId,
});
