import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { useSentences } from '../language/use-sentences.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Notice, Page } from '../parts/surface.js';
import { Gate } from '../shell/gate.js';
import { Locked } from './locked.js';
import type { LoginLink } from './login-link.js';
import { useLoggedIn } from './use-logged-in.js';

/**
 * Asks before it logs in: whoever opens a link should know whose session it begins, and a program that looks into links
 * should not use the token up.
 */
export function TokenLogin({ link }: { link: LoginLink | undefined }) {
  const { t } = useTranslation();
  const { say } = useSentences('token');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const loggedIn = useLoggedIn();

  async function logIn({ portal, token }: LoginLink) {
    setBusy(true);
    setError(null);
    try {
      await reply(api.POST('/v1/login/token', { body: { portal, token } }));
      loggedIn(portal);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }

  if (codeOf(error) === 'account-locked') {
    return (
      <Gate>
        <Locked onBack={() => setError(null)} />
      </Gate>
    );
  }
  return (
    <Gate>
      <Page boxed title={t('token.title')}>
        {link ? (
          <>
            <p>{t('token.ask', { portal: link.portal })}</p>
            <Button look="primary" busy={busy} onPress={() => void logIn(link)}>
              {t('login.action')}
            </Button>
          </>
        ) : (
          <Notice tone="warn">{t('token.missing')}</Notice>
        )}
        {error !== null && (
          <Notice tone="danger" live>
            {say(error)}
          </Notice>
        )}
        <ButtonLink href="/login">{t('token.byPassword')}</ButtonLink>
      </Page>
    </Gate>
  );
}
