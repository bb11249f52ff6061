import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../api/problem.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { useArrival } from '../parts/arrival.js';
import { Button } from '../parts/button.js';
import { CodeField, useTypedCode } from '../parts/fields/code-field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Icon } from '../parts/icon.js';
import { Notice } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import style from './profile.module.css';
import type { ShownKey, Steps } from './two-factor.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };

interface Props {
  /** Null after a reload: a key is shown once. */
  shown: ShownKey | null;
  steps: Steps;
  /** @throws what a form shows */
  confirm: (code: string) => Promise<void>;
}

export function Pending({ shown, steps, confirm }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('setup', fieldOf);
  const code = useTypedCode(refusal);
  const heading = useArrival(Boolean(shown?.setup));
  const idle = steps.running !== null;

  async function enable() {
    setBusy(true);
    refusal.clear();
    try {
      await confirm('code' in code.typed ? code.typed.code : '');
    } catch (error) {
      if (codeOf(error) === 'wrong-code') code.wipe();
      refusal.show(error);
    }
    setBusy(false);
  }

  const form = (
    <Form refusal={refusal} onSubmit={enable}>
      <CodeField code={code} appOnly />
      <Refused refusal={refusal} />
      <div className="row">
        <Button look="primary" type="submit" busy={busy}>
          {t('twoFactor.enable')}
        </Button>
        <Button idle={idle} busy={steps.running === 'disable'} onPress={steps.disable}>
          {t('twoFactor.cancelSetup')}
        </Button>
        <Button look="quiet" idle={idle} busy={steps.running === 'setUp'} onPress={steps.setUp}>
          {t('twoFactor.newKey')}
        </Button>
      </div>
    </Form>
  );

  if (!shown?.setup) {
    return (
      <>
        <Notice {...(shown && { tone: 'warn', live: true })}>
          <p>{shown ? t('twoFactor.keyReplaced') : t('twoFactor.keyNotShown')}</p>
        </Notice>
        {form}
      </>
    );
  }
  const { setup, after } = shown;
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {t('twoFactor.connect')}
      </h3>
      {after === 'reset' && <p>{t('twoFactor.wasReset')}</p>}
      <div className={style.setup}>
        <div className={style.qr}>
          <img src={setup.qrCode} alt={t('twoFactor.qrAlt')} width={208} height={208} />
        </div>
        <ol className={style.steps}>
          <li>
            {t('twoFactor.scan')}
            <p className="muted small" style={{ marginTop: '0.5rem' }}>
              {t('twoFactor.typeIn')}
            </p>
            <Key text={setup.manualKey} />
          </li>
          <li>
            <p style={{ marginBottom: '0.75rem' }}>{t('twoFactor.enterCode')}</p>
            {form}
          </li>
        </ol>
      </div>
    </>
  );
}

function Key({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className={style.key}>
      <code data-testid="manual-key">{text}</code>
      <Button
        look="quiet"
        onPress={() =>
          void navigator.clipboard.writeText(text.replaceAll(' ', '')).then(
            () => tell(t('twoFactor.keyCopied')),
            () => tell(t('twoFactor.notCopied'), 'danger'),
          )
        }
      >
        <Icon name="copy" />
        {t('twoFactor.copyKey')}
      </Button>
    </div>
  );
}
