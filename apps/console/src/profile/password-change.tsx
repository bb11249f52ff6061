import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { mySessions } from '../api/queries.js';
import type { FieldOf } from '../language/use-sentences.js';
import { NewPasswordField, PasswordField, RepeatedPasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Card } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';

const fieldOf: FieldOf = { 'invalid-credentials': 'current' };
const empty = { current: '', new: '', again: '' };

export function PasswordChange() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({
    place: 'password',
    fieldOf,
    empty,
    async send({ again: _, ...body }) {
      await reply(api.POST('/v1/me/password', { body }));
      form.reset();
      void queries.invalidateQueries({ queryKey: mySessions.queryKey });
      tell(t('password.changed'));
    },
  });

  return (
    <Card title={t('password.title')}>
      <Form form={form} layout="narrow" look="secondary" submit={t('password.action')}>
        <PasswordField {...form.field('current')} label={t('password.current')} />
        <NewPasswordField {...form.field('new')} label={t('password.new')} />
        <RepeatedPasswordField {...form.field('again')} of={form.typed.new} />
        <p className="muted small">{t('password.ends')}</p>
      </Form>
    </Card>
  );
}
