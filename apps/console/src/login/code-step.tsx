import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import type { paths } from '../api/schema.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { CodeField, useTypedCode } from '../parts/fields/code-field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Page } from '../parts/surface.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };

type Body = paths['/v1/login/code']['post']['requestBody']['content']['application/json'];

interface Props {
  username: string;
  onComplete: (backupCodesLeft?: number) => void;
  onEnded: () => void;
  onBack: () => void;
  onLocked: () => void;
}

export function CodeStep({ username, onComplete, onEnded, onBack, onLocked }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('login', fieldOf);
  const code = useTypedCode(refusal);

  async function check() {
    setBusy(true);
    refusal.clear();
    try {
      const body: Body = code.typed;
      const { backupCodesLeft } = await reply(api.POST('/v1/login/code', { body }));
      onComplete(backupCodesLeft);
    } catch (error) {
      const why = codeOf(error);
      if (why === 'account-locked') return onLocked();
      if (why === 'challenge-ended') return onEnded();
      if (why === 'wrong-code') code.wipe();
      refusal.show(error);
      setBusy(false);
    }
  }

  return (
    <Page boxed title={t('login.codeTitle')} keepFocus>
      <p className="muted">{t('login.codeFor', { username })}</p>
      <Form refusal={refusal} onSubmit={check}>
        <CodeField code={code} autoFocus />
        <Refused refusal={refusal} />
        <Button look="primary" type="submit" busy={busy}>
          {t('action.continue')}
        </Button>
        <Button onPress={onBack}>{t('login.otherAccount')}</Button>
      </Form>
    </Page>
  );
}
