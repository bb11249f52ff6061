import type { Actor } from '#libs/contracts/src/events/event.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '../accounts/second-factors.js';
import type { PolicyFacts } from './policy-facts.js';

/** The operator helps administrators only; their users are the administrators' affair (R04). @throws Problem `not-found`, `forbidden` */
export async function refuseForeignOperator(policy: PolicyFacts, account: AccountRef, actor: Actor): Promise<void> {
  await policy.of(account);
  if (actor.kind === 'operator' && !(await policy.isAdministrator(account))) {
    throw new Problem('forbidden', 'The operator can do this only for administrators.');
  }
}
