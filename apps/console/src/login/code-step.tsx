import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, lockEndOf } from '../api/problem.js';
import type { FieldOf } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { CodeField } from '../parts/fields/code-field.js';
import { Form } from '../parts/fields/form.js';
import { type TypedCode, useForm } from '../parts/fields/use-form.js';
import { Page } from '../parts/surface.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };
const empty: { code: TypedCode } = { code: { code: '' } };

interface Props {
  username: string;
  onComplete: (backupCodesLeft?: number) => void;
  onEnded: () => void;
  onBack: () => void;
  onLocked: (until: string | undefined) => void;
}

export function CodeStep({ username, onComplete, onEnded, onBack, onLocked }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'login',
    fieldOf,
    empty,
    async send({ code }) {
      try {
        const { backupCodesLeft } = await reply(api.POST('/v1/login/code', { body: code }));
        onComplete(backupCodesLeft);
      } catch (error) {
        const why = codeOf(error);
        if (why === 'account-locked') return onLocked(lockEndOf(error));
        if (why === 'challenge-ended') return onEnded();
        throw error;
      }
    },
  });

  return (
    <Page boxed title={t('login.codeTitle')} keepFocus>
      <p className="muted">{t('login.codeFor', { username })}</p>
      <Form
        form={form}
        layout="boxed"
        submit={t('action.continue')}
        more={<Button onPress={onBack}>{t('login.otherAccount')}</Button>}
      >
        <CodeField form={form} autoFocus />
      </Form>
    </Page>
  );
}
