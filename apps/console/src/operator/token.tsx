import { useTranslation } from 'react-i18next';
import { operatorSession } from '../api/client.js';
import type { FieldOf } from '../language/use-sentences.js';
import { PasswordField } from '../parts/fields/field.js';
import { Form } from '../parts/fields/form.js';
import { useForm } from '../parts/fields/use-form.js';
import { Page } from '../parts/surface.js';

const fieldOf: FieldOf = { unauthenticated: 'token', 'malformed-request': 'token' };

/** Asks for the operator token. */
export function Token({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'operator',
    fieldOf,
    empty: { token: '' },
    async send({ token }) {
      await operatorSession.begin(token);
      onDone();
    },
  });

  return (
    <Page boxed keepFocus title={t('operator.title')}>
      <p className="muted">{t('operator.why')}</p>
      <Form form={form} layout="boxed" submit={t('action.continue')}>
        <PasswordField
          {...form.field('token')}
          label={t('operator.token')}
          hint={t('operator.tokenHint')}
          autoFocus
          autoComplete="off"
        />
      </Form>
    </Page>
  );
}
