import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import { tellOtherWindows } from '../api/windows.js';
import { ButtonLink } from '../parts/button.js';
import { NewPasswordField, RepeatedPasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { tell } from '../parts/overlays/toast.js';
import { Notice, Page } from '../parts/surface.js';
import { Gate } from '../shell/gate.js';

/** Where the link leads by which a person sets a password (R43). */
export function SetPassword({ token }: { token: string | undefined }) {
  const { t } = useTranslation();
  return (
    <Gate>
      <Page boxed title={t('setPassword.title')} keepFocus={token !== undefined}>
        {token === undefined ? (
          <>
            <Notice tone="warn">{t('setPassword.missing')}</Notice>
            <ButtonLink href="/login">{t('locked.back')}</ButtonLink>
          </>
        ) : (
          <PasswordForm token={token} />
        )}
      </Page>
    </Gate>
  );
}

const empty = { password: '', again: '' };

function PasswordForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const form = useForm({
    place: 'setPassword',
    empty,
    async send({ password }) {
      await reply(api.POST('/v1/password-links/redeem', { body: { token, password } }));
      // it may be the account of this browser's session, which has ended
      queries.clear();
      tellOtherWindows('changed');
      navigate('/login', { replace: true });
      tell(t('setPassword.done'));
    },
  });

  return (
    <Form form={form} layout="boxed" submit={t('setPassword.action')}>
      <NewPasswordField {...form.field('password')} label={t('password.new')} autoFocus />
      <RepeatedPasswordField {...form.field('again')} of={form.typed.password} />
      <p className="muted small">{t('setPassword.ends')}</p>
    </Form>
  );
}
