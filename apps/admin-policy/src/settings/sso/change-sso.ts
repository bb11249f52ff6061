import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { SsoProvider, SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Policies } from '../../change/policies.js';
import { SsoSecrets } from './sso-secrets.js';

interface SsoToChange {
  readonly portal: string;
  /** Null: nobody logs in by a provider any more. `clientSecret`: null takes it away, left out it stays where it may. */
  readonly to: (SsoProvider & { readonly clientSecret?: string | null | undefined }) | null;
  readonly context: Context;
}
/** The identity provider of a portal, and the secret of the portal's client there. */
export class ChangeSso extends CommandOf<SsoToChange, SsoSettings | null> {}

@CommandHandler(ChangeSso)
export class ChangeSsoHandler implements ICommandHandler<ChangeSso> {
  constructor(
    private readonly policies: Policies,
    private readonly secrets: SsoSecrets,
  ) {}

  async execute({ input: { portal, to, context } }: ChangeSso): Promise<SsoSettings | null> {
    const { sso: before } = await this.policies.of(portal);
    const change = await this.changeTo(portal, to);
    if (before?.clientSecretId !== undefined) await this.secrets.touch(portal, before.clientSecretId);
    try {
      return (await this.policies.change(portal, change, context)).sso;
    } finally {
      await this.secrets.keepNamed(portal);
    }
  }

  private async changeTo(portal: string, to: SsoToChange['to']) {
    if (to === null) return { type: 'RemoveSso' } as const;
    const { clientSecret, ...provider } = to;
    const clientSecretId =
      typeof clientSecret === 'string' ? await this.secrets.put(portal, clientSecret) : clientSecret;
    return { type: 'ChangeSso', to: provider, clientSecretId } as const;
  }
}
