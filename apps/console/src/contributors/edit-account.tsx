import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { type Account, account } from '../api/queries.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { Conflicts } from '../parts/fields/conflicts.js';
import { useDraft } from '../parts/fields/draft.js';
import { TextField } from '../parts/fields/field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { RoleFields } from './role-fields.js';

const fieldOf: FieldOf = {};

export function EditAccount({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const now = {
    displayName: person.displayName ?? '',
    email: person.email ?? '',
    type: person.type,
    admin: person.admin,
  };
  const { value, set, typing, conflicts, undo } = useDraft(now);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('account', fieldOf);
  const [displayName, email] = [value.displayName.trim(), value.email.trim()];
  const change = {
    ...(displayName !== now.displayName && { displayName: displayName || null }),
    ...(email !== now.email && { email: email || null }),
    ...(value.type !== now.type && { type: value.type }),
    ...(value.admin !== now.admin && { admin: value.admin }),
  };
  const changed = Object.keys(change).length > 0;
  const saidNow = {
    displayName: [t('account.displayName'), now.displayName],
    email: [t('account.email'), now.email],
    type: [t('account.role'), t(`account.${now.type}`)],
    admin: [t('account.administrator'), now.admin ? t('state.yes') : t('state.no')],
  } as const;

  async function save() {
    if (!changed) return;
    setBusy(true);
    refusal.clear();
    try {
      const params = { path: { portal, account: person.id } };
      const saved = await reply(api.PATCH('/v1/portals/{portal}/accounts/{account}', { params, body: change }));
      queries.setQueryData(account(portal, person.id).queryKey, saved);
      undo();
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
          {...typing('displayName')}
          label={t('account.displayName')}
          name="displayName"
          maxLength={256}
          value={value.displayName}
          onChange={(text) => set({ displayName: text })}
        />
        <TextField
          {...typing('email')}
          label={t('account.email')}
          name="email"
          type="email"
          maxLength={320}
          value={value.email}
          onChange={(text) => set({ email: text })}
        />
        <RoleFields value={value} onChange={set} />
        <Conflicts now={conflicts.map((name) => saidNow[name])} />
        <Refused refusal={refusal} />
        <div>
          <Button look="primary" type="submit" busy={busy} idle={!changed}>
            {t('action.save')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
