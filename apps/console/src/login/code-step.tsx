import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf, lockEndOf } from '../api/problem.js';
import type { FieldOf } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { Checkbox } from '../parts/fields/choice.js';
import { CodeField } from '../parts/fields/code-field.js';
import { Form } from '../parts/fields/form.js';
import { type TypedCode, useForm } from '../parts/fields/use-form.js';
import { Page } from '../parts/surface.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };
const empty: { code: TypedCode; remember: boolean } = { code: { code: '' }, remember: false };

interface Props {
  username: string;
  /** For so many days the browser can be remembered; undefined: it cannot. */
  rememberDays: number | undefined;
  onComplete: (backupCodesLeft?: number) => void;
  onEnded: () => void;
  onBack: () => void;
  onLocked: (until: string | undefined) => void;
}

export function CodeStep({ username, rememberDays, onComplete, onEnded, onBack, onLocked }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    place: 'login',
    fieldOf,
    empty,
    async send({ code, remember }) {
      try {
        const { backupCodesLeft } = await reply(
          api.POST('/v1/login/code', { body: { ...code, ...(remember && { remember }) } }),
        );
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
        {/* before the code, whose last digit sends the form */}
        {rememberDays !== undefined && (
          <Checkbox name="remember" isSelected={form.typed.remember} onChange={form.field('remember').onChange}>
            {t('login.remember', { count: rememberDays })}
            <span className="muted small" style={{ display: 'block' }}>
              {t('login.rememberHint')}
            </span>
          </Checkbox>
        )}
        <CodeField form={form} autoFocus />
      </Form>
    </Page>
  );
}
