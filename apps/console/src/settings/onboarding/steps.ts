import type { components } from '../../api/schema.js';
import type { MyTwoFactor } from '../../api/queries.js';

export interface Step {
  id: 'addOn' | 'on' | 'people' | 'own';
  done: boolean;
  /** It can be done now: what it needs is there. */
  possible: boolean;
}

type Summary = Pick<components['schemas']['TwoFactorSummary'], 'contributors'>;

/** What an administrator has to do until people log in with a code; `own`: what applies to the administrator. */
export function stepsOf(
  own: Pick<MyTwoFactor, 'status' | 'configurable' | 'reason'>,
  { contributors }: Summary,
): Step[] {
  const addOn = own.reason !== 'add-on-required';
  return [
    { id: 'addOn', done: addOn, possible: true },
    { id: 'on', done: own.configurable, possible: addOn },
    // besides the administrator
    { id: 'people', done: contributors > 1, possible: true },
    { id: 'own', done: own.status === 'enabled', possible: own.configurable },
  ];
}
