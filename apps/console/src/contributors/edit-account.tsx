import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { type Account, account } from '../api/queries.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { TextField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { RoleFields } from './role-fields.js';

const fieldOf: FieldOf = {};

export function EditAccount({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({
    displayName: person.displayName ?? '',
    email: person.email ?? '',
    type: person.type,
    admin: person.admin,
  });
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('account', fieldOf);
  const change = {
    ...(draft.displayName.trim() !== (person.displayName ?? '') && { displayName: draft.displayName.trim() || null }),
    ...(draft.email.trim() !== (person.email ?? '') && { email: draft.email.trim() || null }),
    ...(draft.type !== person.type && { type: draft.type }),
    ...(draft.admin !== person.admin && { admin: draft.admin }),
  };
  const changed = Object.keys(change).length > 0;

  async function save() {
    if (!changed) return;
    setBusy(true);
    refusal.clear();
    try {
      const params = { path: { portal, account: person.id } };
      const saved = await reply(api.PATCH('/v1/portals/{portal}/accounts/{account}', { params, body: change }));
      queries.setQueryData(account(portal, person.id).queryKey, saved);
      void queries.invalidateQueries({ queryKey: ['accounts', portal] });
      void queries.invalidateQueries({ queryKey: ['me'] });
      tell(t('contributors.saved', { username: person.username }));
    } catch (error) {
      refusal.show(error);
    }
    setBusy(false);
  }

  return (
    <Card title={t('contributors.account')}>
      <Form refusal={refusal} onSubmit={save} narrow>
        <TextField
          label={t('account.displayName')}
          name="displayName"
          maxLength={256}
          value={draft.displayName}
          onChange={(displayName) => setDraft({ ...draft, displayName })}
        />
        <TextField
          label={t('account.email')}
          name="email"
          type="email"
          maxLength={320}
          value={draft.email}
          onChange={(email) => setDraft({ ...draft, email })}
        />
        <RoleFields value={draft} onChange={(role) => setDraft({ ...draft, ...role })} />
        <Refused refusal={refusal} />
        <div>
          <Button look="primary" type="submit" busy={busy} isDisabled={!changed && !busy}>
            {t('action.save')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
