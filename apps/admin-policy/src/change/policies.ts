import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { type AdminPolicyEvent, adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Fold } from '#libs/event-store/src/decision.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { decide, enforcers, type PolicyChange } from '../policy/decide.js';
import { evolve, initial, type PortalPolicy } from '../policy/state.js';
import { Portals } from '../portals/portals.js';

export const POLICY_STREAMS = Symbol('the streams of policies');

/** One stream per portal; its name is the portal's id. */
export const policyFold: Fold<PortalPolicy, AdminPolicyEvent> = {
  app: 'admin-policy',
  contracts: adminPolicyEvents,
  initial,
  evolve,
  snapshotVersion: 6,
};

/** The one way to a portal's policy, and the one way to change it. */
@Injectable()
export class Policies {
  constructor(
    @Inject(POLICY_STREAMS) private readonly streams: Aggregates<PortalPolicy, AdminPolicyEvent>,
    private readonly portals: Portals,
    private readonly effects: Effects,
  ) {}

  /** @throws Problem `not-found` */
  async of(portal: string): Promise<PortalPolicy> {
    await this.portals.mustExist(portal);
    return this.recorded(portal);
  }

  /** Of a portal that is known to exist. */
  async recorded(portal: string): Promise<PortalPolicy> {
    return (await this.streams.load(portal)).state;
  }

  /**
   * Records the change, and answers once it holds for every request begun after it (R28). A change to what is already so
   * waits as well: who made it first may still be waiting.
   * `prepare` is done before each attempt to record it, with the policy that it is recorded upon and the one that follows.
   * @throws Problem `not-found`, `add-on-required`, `not-yet-effective`
   */
  async change(
    portal: string,
    change: PolicyChange,
    context: Context,
    prepare?: (from: PortalPolicy, to: PortalPolicy) => Promise<void>,
  ): Promise<PortalPolicy> {
    await this.portals.mustExist(portal);
    const { answer, recorded } = await this.streams.execute(portal, context, async (policy, { now }) => {
      const decision = decide(change, policy, now);
      if (decision.events.length > 0) await prepare?.(policy, accepted(decision.answer).policy);
      return decision;
    });
    const { policy } = accepted(answer);
    await this.effects.reached(enforcers[change.type], recorded, context);
    return policy;
  }
}
