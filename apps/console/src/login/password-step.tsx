import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, lockEndOf } from '../api/problem.js';
import { PasswordField, PortalField, TextField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Page } from '../parts/surface.js';
import { ByProvider } from './by-provider.js';

/** Who logs in, and where. */
export interface Who {
  portal: string;
  username: string;
}

interface Props {
  who: Who;
  setWho: (who: Who) => void;
  isPortalFixed?: boolean | undefined;
  notice?: string | undefined;
  /** `graceEndsAt`: until then 2FA must be set up. */
  onComplete: (graceEndsAt?: string) => void;
  /** For so many days the browser can be remembered; undefined: it cannot. */
  onCodeRequired: (rememberDays?: number) => void;
  onLocked: (until: string | undefined) => void;
}

export function PasswordStep({ who, setWho, isPortalFixed, notice, onComplete, onCodeRequired, onLocked }: Props) {
  const { portal, username } = who;
  const { t } = useTranslation();
  const form = useForm({
    place: 'login',
    empty: { password: '' },
    async send({ password }) {
      try {
        const answer = await reply(api.POST('/v1/login', { body: { ...who, password } }));
        if (answer.status === 'code-required') onCodeRequired(answer.rememberDays);
        else onComplete(answer.status === 'complete' ? answer.enrolment?.graceEndsAt : undefined);
      } catch (error) {
        if (codeOf(error) !== 'account-locked') throw error;
        onLocked(lockEndOf(error));
      }
    },
  });

  return (
    <Page boxed title={t('login.title')} keepFocus>
      <Form form={form} layout="boxed" submit={t('login.action')} notice={notice}>
        {!isPortalFixed && (
          <PortalField
            label={t('login.portal')}
            hint={t('login.portalHint')}
            name="portal"
            autoFocus={!portal}
            autoComplete="organization"
            value={portal}
            onChange={(text) => setWho({ ...who, portal: text.trim().toLowerCase() })}
          />
        )}
        <TextField
          label={t('login.username')}
          name="username"
          isRequired
          autoFocus={Boolean(portal) && !username}
          autoComplete="username"
          verbatim
          value={username}
          onChange={(text) => setWho({ ...who, username: text })}
        />
        <PasswordField
          {...form.field('password')}
          label={t('login.password')}
          autoFocus={Boolean(portal && username)}
        />
      </Form>
      <ByProvider portal={portal} />
    </Page>
  );
}
