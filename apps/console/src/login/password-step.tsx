import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField, TextField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Notice, Page } from '../parts/surface.js';

const fieldOf: FieldOf = {};

interface Props {
  portal: string;
  setPortal: (portal: string) => void;
  username: string;
  setUsername: (username: string) => void;
  notice?: string | undefined;
  onComplete: () => void;
  onCodeRequired: () => void;
  onLocked: () => void;
}

export function PasswordStep(props: Props) {
  const { portal, username, notice } = props;
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('login', fieldOf);

  async function logIn() {
    setBusy(true);
    refusal.clear();
    try {
      const { status } = await reply(api.POST('/v1/login', { body: { portal, username, password } }));
      if (status === 'complete') props.onComplete();
      else props.onCodeRequired();
    } catch (error) {
      if (codeOf(error) === 'account-locked') return props.onLocked();
      refusal.show(error);
      setBusy(false);
    }
  }

  return (
    <Page boxed title={t('login.title')} keepFocus>
      <Form refusal={refusal} onSubmit={logIn}>
        {notice && !refusal.message && (
          <Notice tone="warn" live>
            {notice}
          </Notice>
        )}
        <Refused refusal={refusal} />
        <TextField
          label={t('login.portal')}
          hint={t('login.portalHint')}
          name="portal"
          isRequired
          autoFocus={!portal}
          autoComplete="organization"
          verbatim
          value={portal}
          onChange={(text) => props.setPortal(text.trim().toLowerCase())}
          validate={(text) => (/^[a-z0-9-]{1,63}$/.test(text) ? null : t('malformed.portal'))}
        />
        <TextField
          label={t('login.username')}
          name="username"
          isRequired
          autoFocus={Boolean(portal) && !username}
          autoComplete="username"
          verbatim
          value={username}
          onChange={props.setUsername}
        />
        <PasswordField
          label={t('login.password')}
          name="password"
          isRequired
          autoFocus={Boolean(portal && username)}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        <Button look="primary" type="submit" busy={busy}>
          {t('login.action')}
        </Button>
      </Form>
    </Page>
  );
}
