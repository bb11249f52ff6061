import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { EnrolmentStatus, NotConfigurableReason } from '#libs/contracts/src/primitives.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { notConfigurable } from '../second-factor/policy.js';
import { backupCodesLeft } from '../second-factor/state.js';

export interface Description {
  readonly accountId: string;
  /** Null: it is not locked. */
  readonly lockedAt: string | null;
  /** Null: it is not locked, or an administrator ends the lock. */
  readonly lockEndsAt: string | null;
  readonly failedAttempts: number;
  /** Null: no time of grace has begun (R37). */
  readonly graceEndsAt: string | null;
  readonly twoFactor: { readonly status: EnrolmentStatus; readonly backupCodesLeft: number };
}

/** Lock and enrolment of accounts of a portal, as the log has them now. */
export class DescribeAccounts extends QueryOf<
  { readonly portal: string; readonly accountIds: readonly string[] },
  Description[]
> {}

@QueryHandler(DescribeAccounts)
export class DescribeAccountsHandler implements IQueryHandler<DescribeAccounts> {
  constructor(private readonly secondFactors: SecondFactors) {}

  execute({ input: { portal, accountIds } }: DescribeAccounts): Promise<Description[]> {
    return Promise.all(
      accountIds.map(async (accountId) => {
        const state = await this.secondFactors.present({ portal, accountId });
        const { lockedAt, lockEndsAt, failedAttempts, grace } = state;
        return {
          accountId,
          lockedAt: timestampOf(lockedAt),
          lockEndsAt: timestampOf(lockEndsAt),
          failedAttempts,
          graceEndsAt: timestampOf(grace?.endsAt ?? null),
          twoFactor: { status: state.enrolment.status, backupCodesLeft: backupCodesLeft(state) },
        };
      }),
    );
  }
}

const timestampOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export interface MyTwoFactor {
  readonly status: EnrolmentStatus;
  readonly configurable: boolean;
  readonly reason?: NotConfigurableReason;
  readonly backupCodesLeft: number;
}

/** What the user sees of their own, also while it cannot be configured (R09). */
export class DescribeMine extends QueryOf<AccountRef, MyTwoFactor> {}

@QueryHandler(DescribeMine)
export class DescribeMineHandler implements IQueryHandler<DescribeMine> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ input: account }: DescribeMine): Promise<MyTwoFactor> {
    const [state, policy] = await Promise.all([this.secondFactors.state(account), this.policy.of(account)]);
    const reason = notConfigurable(policy);
    return {
      status: state.enrolment.status,
      configurable: reason === null,
      ...(reason && { reason }),
      backupCodesLeft: backupCodesLeft(state),
    };
  }
}
