import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EnrolmentStatus, NotConfigurableReason } from '#libs/contracts/src/primitives.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { notConfigurable } from '../second-factor/policy.js';
import { backupCodesLeft } from '../second-factor/state.js';

export interface Description {
  readonly accountId: string;
  readonly status: 'active' | 'locked';
  readonly twoFactor: { readonly status: EnrolmentStatus; readonly backupCodesLeft: number };
}

/** Lock and enrolment of accounts of a portal, as the log has them now. */
export class DescribeAccounts extends Query<Description[]> {
  constructor(
    readonly portal: string,
    readonly accountIds: readonly string[],
  ) {
    super();
  }
}

@QueryHandler(DescribeAccounts)
export class DescribeAccountsHandler implements IQueryHandler<DescribeAccounts> {
  constructor(private readonly secondFactors: SecondFactors) {}

  execute({ portal, accountIds }: DescribeAccounts): Promise<Description[]> {
    return Promise.all(
      accountIds.map(async (accountId) => {
        const state = await this.secondFactors.state({ portal, accountId });
        return {
          accountId,
          status: state.locked ? ('locked' as const) : ('active' as const),
          twoFactor: { status: state.enrolment.status, backupCodesLeft: backupCodesLeft(state) },
        };
      }),
    );
  }
}

export interface MyTwoFactor {
  readonly status: EnrolmentStatus;
  readonly configurable: boolean;
  readonly reason?: NotConfigurableReason;
  readonly backupCodesLeft: number;
}

/** What the user sees of their own, also while it cannot be configured (R09). */
export class DescribeMine extends Query<MyTwoFactor> {
  constructor(readonly account: AccountRef) {
    super();
  }
}

@QueryHandler(DescribeMine)
export class DescribeMineHandler implements IQueryHandler<DescribeMine> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ account }: DescribeMine): Promise<MyTwoFactor> {
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
