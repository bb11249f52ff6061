import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { TypedCode } from '../login/login-with-code.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { SessionStore } from '../sessions/session-store.js';
import type { HandOverRef } from './hand-over-ref.js';

interface CodeOfHandOver {
  readonly handOver: HandOverRef;
  readonly typed: TypedCode;
  readonly context: Context;
}
export class ProveHandOver extends CommandOf<CodeOfHandOver, void> {}

/** As a re-authentication, but that the gateway has proved the first factor: the code is an attempt like any other (R14, R22, R34). */
@CommandHandler(ProveHandOver)
export class ProveHandOverHandler implements ICommandHandler<ProveHandOver> {
  constructor(
    private readonly sessions: SessionStore,
    private readonly requests: Requests,
    private readonly changes: SessionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { handOver, typed, context } }: ProveHandOver): Promise<void> {
    const { sessionId, ...account } = handOver;
    const found = await this.sessions.findOpen(account, sessionId);
    const now = this.clock();
    const purpose = found?.session.handOver ?? 'answered';
    if (!found || purpose === 'answered' || found.session.expiresAt <= now) throw new Problem('session-ended');
    const { tokenHash, session } = found;
    const { passwordAt } = session.proof;
    if (passwordAt === null || Math.abs(now - passwordAt) >= PROOF_LASTS_MS) {
      throw new Problem('re-authentication-required', undefined, { needs: ['hand-over'] });
    }
    const by = actingAsUser(context, account.accountId);
    const checked = await this.requests.send(twoFactorRequests.verifyProof, { ...handOver, ...typed }, by);
    if (!checked.required) return;
    const proof = { ...session.proof, authenticatorId: checked.authenticatorId };
    const change = { kind: 're-authentication' as const, secondFactor: true, proof };
    await this.changes.make({ ...handOver, tokenHash }, change, by);
  }
}
