import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../api/client.js';
import type { FieldOf } from '../language/use-sentences.js';
import { NewPasswordField, PortalField, TextField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';

const fieldOf: FieldOf = { 'portal-exists': 'id' };
const empty = { id: '', username: '', password: '' };

export function NewPortal() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({
    place: 'operator',
    fieldOf,
    empty,
    async send({ id, ...admin }) {
      await reply(operatorApi.POST('/v1/portals', { body: { id, admin } }));
      form.reset();
      tell(t('operator.created', { portal: id }));
      await queries.invalidateQueries({ queryKey: ['operator', 'portals'] });
    },
  });

  return (
    <Card title={t('operator.new')}>
      <Form form={form} layout="narrow" submit={t('operator.create')}>
        <PortalField {...form.field('id')} label={t('operator.id')} hint={t('malformed.portal')} autoComplete="off" />
        <TextField {...form.field('username')} label={t('operator.admin')} isRequired verbatim autoComplete="off" />
        <NewPasswordField {...form.field('password')} label={t('operator.adminPassword')} />
      </Form>
    </Card>
  );
}
