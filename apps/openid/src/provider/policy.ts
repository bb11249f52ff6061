import { ACR } from '../people/person-session.js';
import type { Library } from './library.js';
import { firstOf } from './parameters.js';

/** When a person is asked: the library's checks for a login, two of ours, and no consent, since applications are the portal's own. */
export function promptsOfPortal({ interactionPolicy: { base, Check, Prompt } }: Library) {
  const policy = base();
  const login = policy.get('login')!;
  login.checks.add(
    new Check('session_ended', 'End-User authentication is required', 'login_required', (ctx) =>
      // what the provider's session stood on has ended
      ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  login.checks.add(
    new Check('two_factors', 'a second factor is required', 'login_required', (ctx) => {
      const isAnswered = ctx.oidc.result?.login !== undefined || ctx.oidc.session?.acr === ACR.twoFactors;
      return firstOf(ctx.oidc.params, 'acr_values') === ACR.twoFactors && !isAnswered
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT;
    }),
  );
  policy.remove('consent');
  policy.add(new Prompt({ name: 'consent', requestable: true }));
  return policy;
}
