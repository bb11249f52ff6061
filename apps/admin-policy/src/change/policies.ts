import { Inject, Injectable } from '@nestjs/common';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Fold, Origin } from '#libs/event-store/src/decision.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { decide, enforcers, type PolicyChange, type Refusal } from '../policy/decide.js';
import type { AdminPolicyEvent } from '../policy/events.js';
import { evolve, initial, type Policy } from '../policy/state.js';
import { Portals } from '../portals/portals.js';

export const AGGREGATES = Symbol('Aggregates of policies');

/** One stream per portal; its name is the portal's id. */
export const policyFold: Fold<Policy, AdminPolicyEvent> = {
  app: 'admin-policy',
  contracts: adminPolicyEvents,
  initial,
  evolve,
  snapshotVersion: 2,
};

/** The one way to a portal's policy, and the one way to change it. */
@Injectable()
export class Policies {
  constructor(
    @Inject(AGGREGATES) private readonly aggregates: Aggregates<Policy, AdminPolicyEvent>,
    private readonly portals: Portals,
    private readonly effects: Effects,
  ) {}

  /** @throws Problem `not-found` */
  async of(portal: string): Promise<Policy> {
    await this.portals.mustExist(portal);
    return this.recorded(portal);
  }

  /** Of a portal that is known to exist. */
  async recorded(portal: string): Promise<Policy> {
    return (await this.aggregates.load(portal)).state;
  }

  /**
   * Records the change, and answers once it holds for every request begun after it (R28). A change to what is already so
   * waits as well: who made it first may still be waiting.
   * @throws Problem `not-found`, `add-on-required`, `not-yet-effective`
   */
  async change(portal: string, change: PolicyChange, origin: Origin): Promise<void> {
    await this.portals.mustExist(portal);
    const { answer } = await this.aggregates.execute(portal, origin, (policy) => decide(change, policy));
    if (answer !== 'accepted') throw problemOf(answer);
    const enforcer = enforcers[change.type];
    if (enforcer === null) return;
    const version = (await this.recorded(portal)).enforced[enforcer];
    if (version > 0) await this.effects.reached([enforcer], { source: 'admin-policy', stream: portal, version });
  }
}

function problemOf(refusal: Refusal): Problem {
  switch (refusal) {
    case 'add-on-required':
      return new Problem(
        'add-on-required',
        'Two-factor authentication needs the Enterprise Security add-on, which this portal does not have.',
        { status: 409 },
      );
  }
}
