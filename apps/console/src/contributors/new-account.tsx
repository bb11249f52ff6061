import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button, ButtonLink } from '../parts/button.js';
import { PasswordField, TextField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card, Page } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { type Role, RoleFields } from './role-fields.js';

const fieldOf: FieldOf = { 'username-taken': 'username' };
const length = (text: string) => [...text].length;

export function NewAccount({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>({ type: 'contributor', admin: false });
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('account', fieldOf);

  async function create() {
    setBusy(true);
    refusal.clear();
    try {
      const body = {
        username,
        password,
        ...role,
        ...(displayName.trim() && { displayName: displayName.trim() }),
        ...(email.trim() && { email: email.trim() }),
      };
      const { id } = await reply(api.POST('/v1/portals/{portal}/accounts', { params: { path: { portal } }, body }));
      void queries.invalidateQueries({ queryKey: ['accounts', portal] });
      tell(t('contributors.created', { username }));
      navigate(`/p/${portal}/contributors/${id}`, { replace: true });
    } catch (error) {
      refusal.show(error);
      setBusy(false);
    }
  }

  return (
    <Page
      above={<Link href={`/p/${portal}/contributors`}>{t('contributors.title')}</Link>}
      title={t('contributors.new')}
      keepFocus
    >
      <Card>
        <Form refusal={refusal} onSubmit={create} narrow>
          <TextField
            label={t('account.username')}
            name="username"
            isRequired
            autoFocus
            verbatim
            autoComplete="off"
            value={username}
            onChange={setUsername}
          />
          <TextField
            label={t('account.displayName')}
            name="displayName"
            maxLength={256}
            autoComplete="off"
            value={displayName}
            onChange={setDisplayName}
          />
          <TextField
            label={t('account.email')}
            name="email"
            type="email"
            maxLength={320}
            autoComplete="off"
            value={email}
            onChange={setEmail}
          />
          <RoleFields value={role} onChange={setRole} />
          <PasswordField
            label={t('login.password')}
            hint={t('password.rule')}
            name="password"
            isRequired
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            validate={(text) => (length(text) >= 8 && length(text) <= 256 ? null : t('malformed.password'))}
          />
          <Refused refusal={refusal} />
          <div className="row">
            <Button look="primary" type="submit" busy={busy}>
              {t('contributors.create')}
            </Button>
            <ButtonLink href={`/p/${portal}/contributors`}>{t('action.cancel')}</ButtonLink>
          </div>
        </Form>
      </Card>
    </Page>
  );
}
