import type { Context } from '#libs/contracts/src/context.js';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Caller, sessionOf } from '#libs/platform/src/auth/caller.js';
import type { Proof } from '../second-factor/policy.js';

/** A change that users make to their own second factor, and what their session has proved. */
export interface OwnChange {
  readonly account: AccountRef;
  readonly username: string;
  readonly proof: Proof;
  readonly context: Context;
}

export function ownChange({ caller, context }: { caller: Caller; context: Context }): OwnChange {
  const { portal, accountId, username, sessionId, proof } = sessionOf(caller);
  return { account: { portal, accountId }, username, proof: proofOf({ sessionId, proof }), context };
}

export const proofOf = ({ sessionId, proof }: Pick<Session, 'sessionId' | 'proof'>): Proof => ({
  sessionId,
  passwordAt: proof.passwordAt === null ? null : Date.parse(proof.passwordAt),
  authenticatorId: proof.authenticatorId,
  handedOver: proof.handedOver,
});
