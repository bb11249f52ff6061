import type { AccountType, EnrolmentDue, EnrolmentStatus } from '#libs/contracts/src/primitives.js';

interface Enrolling {
  readonly type: AccountType;
  readonly enrolment: EnrolmentStatus;
  /** Milliseconds; null: it has not begun. */
  readonly graceEndsAt: number | null;
}

/** Whether the account must set up 2FA, and how far it is; null: it need not. `now` null: the portal does not require it (R37). */
export function enrolmentDue({ type, enrolment, graceEndsAt }: Enrolling, now: number | null): EnrolmentDue | null {
  if (now === null || type !== 'contributor' || enrolment === 'enabled') return null;
  if (graceEndsAt === null) return 'not-started';
  return now >= graceEndsAt ? 'overdue' : 'in-grace';
}
