import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../api/client.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { PasswordField, TextField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';

const fieldOf: FieldOf = { 'portal-exists': 'id' };
const empty = { id: '', username: '', password: '' };
const length = (text: string) => [...text].length;

export function NewPortal() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [typed, setTyped] = useState(empty);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('operator', fieldOf);
  const set = (field: keyof typeof empty) => (text: string) => setTyped((before) => ({ ...before, [field]: text }));

  async function create() {
    setBusy(true);
    refusal.clear();
    try {
      const { id, ...admin } = typed;
      await reply(operatorApi.POST('/v1/portals', { body: { id, admin } }));
      setTyped(empty);
      tell(t('operator.created', { portal: id }));
      await queries.invalidateQueries({ queryKey: ['portals'] });
    } catch (error) {
      refusal.show(error);
    }
    setBusy(false);
  }

  return (
    <Card title={t('operator.new')}>
      <Form refusal={refusal} onSubmit={create} narrow>
        <TextField
          label={t('operator.id')}
          hint={t('malformed.portal')}
          name="id"
          isRequired
          verbatim
          autoComplete="off"
          value={typed.id}
          onChange={set('id')}
          validate={(text) => (/^[a-z0-9-]{1,63}$/.test(text) ? null : t('malformed.portal'))}
        />
        <TextField
          label={t('operator.admin')}
          name="username"
          isRequired
          verbatim
          autoComplete="off"
          value={typed.username}
          onChange={set('username')}
        />
        <PasswordField
          label={t('operator.adminPassword')}
          hint={t('password.rule')}
          name="password"
          isRequired
          autoComplete="new-password"
          value={typed.password}
          onChange={set('password')}
          validate={(text) => (length(text) >= 8 && length(text) <= 256 ? null : t('malformed.password'))}
        />
        <Refused refusal={refusal} />
        <div>
          <Button look="primary" type="submit" busy={busy}>
            {t('operator.create')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
