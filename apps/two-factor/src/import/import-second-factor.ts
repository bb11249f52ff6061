import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { PendingImports } from './pending-imports.js';

interface SecondFactorToImport {
  readonly account: AccountRef;
  readonly importId: string;
  readonly authenticators: readonly {
    readonly secret: Buffer;
    readonly totp: TotpParameters;
    readonly name?: string | undefined;
  }[];
  readonly context: Context;
}
/** Stores what an import brings for an account that is not registered yet (R36). Again it changes nothing. */
export class ImportSecondFactor extends CommandOf<SecondFactorToImport, void> {}

@CommandHandler(ImportSecondFactor)
export class ImportSecondFactorHandler implements ICommandHandler<ImportSecondFactor> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly pending: PendingImports,
  ) {}

  async execute({ input: { account, importId, authenticators, context } }: ImportSecondFactor): Promise<void> {
    const named = authenticators.map((authenticator) => ({ ...authenticator, authenticatorId: randomUUID() }));
    await this.pending.note(account);
    const { answer } = await this.secondFactors.execute(
      account,
      context,
      async () => ({
        type: 'Import' as const,
        importId,
        authenticators: named,
        registered: await this.policy.knows(account),
      }),
      Object.fromEntries(named.map(({ authenticatorId, secret }) => [authenticatorId, secret])),
    );
    accepted(answer);
  }
}
