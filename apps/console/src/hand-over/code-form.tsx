import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import type { FieldOf } from '../language/use-sentences.js';
import { CodeField } from '../parts/fields/code-field.js';
import { Form } from '../parts/fields/form.js';
import { type TypedCode, useForm } from '../parts/fields/use-form.js';
import { Page } from '../parts/surface.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };
const empty: { code: TypedCode } = { code: { code: '' } };
/** Whose other side is told by what is asked next. */
const ends: readonly unknown[] = ['account-locked', 'account-suspended', 're-authentication-required', 'session-ended'];

interface Props {
  username: string;
  prove: (code: TypedCode) => Promise<unknown>;
  /** The code was right, or nothing more can be typed. */
  onAnswered: () => unknown;
}

export function CodeForm({ username, prove, onAnswered }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'login',
    fieldOf,
    empty,
    async send({ code }) {
      try {
        await prove(code);
      } catch (error) {
        if (!ends.includes(codeOf(error))) throw error;
      }
      await onAnswered();
    },
  });
  return (
    <Page boxed title={t('login.codeTitle')} keepFocus>
      <p className="muted">{t('handOver.codeFor', { username })}</p>
      <Form form={form} layout="boxed" submit={t('action.continue')}>
        <CodeField form={form} autoFocus />
      </Form>
    </Page>
  );
}
