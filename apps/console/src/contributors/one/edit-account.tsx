import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../../api/client.js';
import { type Account, account } from '../../api/queries.js';
import { Conflicts } from '../../parts/fields/conflicts.js';
import { differing, useDraft } from '../../parts/fields/draft.js';
import { Form } from '../../parts/fields/form.js';
import { useForm } from '../../parts/fields/use-form.js';
import { Card } from '../../parts/surface.js';
import { tell } from '../../parts/overlays/toast.js';
import { fieldOfName, NameFields, PersonFields, RoleFields, SsoSubjectField } from '../account-fields.js';

export function EditAccount({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { id, username, externalId = '', type, admin } = person;
  const { displayName, email, ssoSubject = '' } = person;
  const now = { username, externalId, ssoSubject, displayName: displayName ?? '', email: email ?? '', type, admin };
  const draft = useDraft(now);
  const { value } = draft;
  const change = differing(now, { ...value, displayName: value.displayName.trim(), email: value.email.trim() });
  const changed = Object.keys(change).length > 0;
  const said = {
    username: [t('account.username'), now.username],
    externalId: [t('account.externalId'), now.externalId],
    ssoSubject: [t('account.ssoSubject'), ssoSubject],
    displayName: [t('account.displayName'), now.displayName],
    email: [t('account.email'), now.email],
    type: [t('account.role'), t(`account.${type}`)],
    admin: [t('account.administrator'), admin ? t('state.yes') : t('state.no')],
  } as const;
  const form = useForm({
    place: 'account',
    fieldOf: fieldOfName,
    async send() {
      if (!changed) return;
      const body = Object.fromEntries(Object.entries(change).map(([name, to]) => [name, to === '' ? null : to]));
      const params = { path: { portal, account: id } };
      const saved = await reply(api.PATCH('/v1/portals/{portal}/accounts/{account}', { params, body }));
      queries.setQueryData(account(portal, id).queryKey, saved);
      draft.undo();
      void queries.invalidateQueries({ queryKey: ['accounts', portal] });
      void queries.invalidateQueries({ queryKey: ['me'] });
      tell(t('contributors.saved', saved));
    },
  });

  return (
    <Card title={t('contributors.account')}>
      <Form form={form} layout="narrow" submit={t('action.save')} idle={!changed}>
        <NameFields form={draft} />
        <PersonFields form={draft} />
        <SsoSubjectField form={draft} />
        <RoleFields value={value} onChange={draft.set} />
        <Conflicts now={draft.conflicts.map((name) => said[name])} />
      </Form>
    </Card>
  );
}
