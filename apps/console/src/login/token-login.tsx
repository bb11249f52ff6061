import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, lockEndOf } from '../api/problem.js';
import { ButtonLink } from '../parts/button.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Notice, Page } from '../parts/surface.js';
import { Gate } from '../shell/gate.js';
import { Locked } from './locked.js';
import type { LoginLink } from './links.js';
import { useLoggedIn } from './use-logged-in.js';

/**
 * Asks before it logs in: whoever opens a link should know whose session it begins, and a program that looks into links
 * should not use the token up.
 */
export function TokenLogin({ link }: { link: LoginLink | undefined }) {
  const { t } = useTranslation();
  const [locked, setLocked] = useState<{ until: string | undefined }>();
  const loggedIn = useLoggedIn();
  const form = useForm({
    place: 'token',
    async send() {
      try {
        await reply(api.POST('/v1/login/token', { body: link! }));
        loggedIn(link!.portal);
      } catch (error) {
        if (codeOf(error) !== 'account-locked') throw error;
        setLocked({ until: lockEndOf(error) });
      }
    },
  });
  const byPassword = <ButtonLink href="/login">{t('token.byPassword')}</ButtonLink>;

  return (
    <Gate {...(link && { portal: link.portal })}>
      {locked ? (
        <Locked portal={link!.portal} until={locked.until} onBack={() => setLocked(undefined)} />
      ) : (
        <Page boxed title={t('token.title')}>
          {link ? (
            <Form form={form} layout="boxed" submit={t('login.action')} more={byPassword}>
              <p>{t('token.ask', { portal: link.portal })}</p>
            </Form>
          ) : (
            <>
              <Notice tone="warn">{t('token.missing')}</Notice>
              {byPassword}
            </>
          )}
        </Page>
      )}
    </Gate>
  );
}
