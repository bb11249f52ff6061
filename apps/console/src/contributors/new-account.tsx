import { useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import { ButtonLink } from '../parts/button.js';
import { NewPasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Card, Page } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { fieldOfName, NameFields, PersonFields, type Role, RoleFields } from './account-fields.js';

const role: Role = { type: 'contributor', admin: false };
const empty = { username: '', externalId: '', displayName: '', email: '', password: '', ...role };

export function NewAccount({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const list = `/p/${portal}/contributors`;
  const form = useForm({
    place: 'account',
    fieldOf: fieldOfName,
    empty,
    async send({ externalId, displayName, email, password, ...typed }) {
      const body = {
        ...typed,
        ...(externalId && { externalId }),
        ...(password && { password }),
        ...(displayName.trim() && { displayName: displayName.trim() }),
        ...(email.trim() && { email: email.trim() }),
      };
      const { id } = await reply(api.POST('/v1/portals/{portal}/accounts', { params: { path: { portal } }, body }));
      void queries.invalidateQueries({ queryKey: ['accounts', portal] });
      tell(t('contributors.created', typed));
      navigate(`${list}/${id}`, { replace: true });
    },
  });

  return (
    <Page above={<Link href={list}>{t('contributors.title')}</Link>} title={t('contributors.new')} keepFocus>
      <Card>
        <Form
          form={form}
          layout="narrow"
          submit={t('contributors.create')}
          more={<ButtonLink href={list}>{t('action.cancel')}</ButtonLink>}
        >
          <NameFields form={form} autoFocus />
          <PersonFields form={form} />
          <RoleFields value={form.typed} onChange={form.set} />
          <NewPasswordField
            {...form.field('password')}
            label={t('login.password')}
            hint={`${t('password.rule')} ${t('contributors.passwordHint')}`}
            isRequired={false}
          />
        </Form>
      </Card>
    </Page>
  );
}
