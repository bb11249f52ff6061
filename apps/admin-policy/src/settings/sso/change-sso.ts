import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { SsoProvider, SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import { outageBehind } from '#libs/engine/src/port.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Policies } from '../../change/policies.js';
import type { PolicyChange } from '../../policy/decide.js';
import { type ClientSecret, SsoSecrets } from './sso-secrets.js';

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
    const { change, secret } = changeTo(to);
    try {
      const { sso } = await this.policies.change(portal, change, context, async (from, { sso: after }) => {
        const [before, named] = [from.sso?.clientSecretId, after?.clientSecretId];
        if (before !== undefined && before !== named) await this.secrets.touch(portal, before);
        if (secret !== null) await this.secrets.put(portal, secret);
      });
      return sso;
    } catch (error) {
      // of an outage nobody knows yet whether it is recorded: the hourly look settles that
      if (secret !== null && outageBehind(error) === undefined)
        await this.secrets.destroyUnlessNamed(portal, secret.id);
      throw error;
    } finally {
      await this.secrets.keepNamed(portal);
    }
  }
}

function changeTo(to: SsoToChange['to']): { change: PolicyChange; secret: ClientSecret | null } {
  if (to === null) return { change: { type: 'RemoveSso' }, secret: null };
  const { clientSecret: text, ...provider } = to;
  const secret = typeof text === 'string' ? { id: randomUUID(), text } : null;
  return {
    change: { type: 'ChangeSso', to: provider, clientSecretId: secret?.id ?? (text === null ? null : undefined) },
    secret,
  };
}
