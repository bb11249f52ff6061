import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../api/schema.js';
import { type FieldOf, useRefusal } from '../language/use-sentences.js';
import { Button } from '../parts/button.js';
import { CodeField, noCode, type TypedCode } from '../parts/fields/code-field.js';
import { Form, Refused } from '../parts/fields/form.js';
import { Icon } from '../parts/icon.js';
import { Notice } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import style from './profile.module.css';
import type { Steps } from './two-factor.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };

interface Props {
  /** Null after a reload: a key is shown once. */
  setup: components['schemas']['Setup'] | null;
  steps: Steps;
  /** @throws ProblemError */
  confirm: (code: string) => Promise<void>;
}

export function Pending({ setup, steps, confirm }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<TypedCode>(noCode);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('setup', fieldOf);

  async function enable() {
    setBusy(true);
    refusal.clear();
    try {
      await confirm('code' in typed ? typed.code : '');
    } catch (error) {
      refusal.show(error);
    }
    setBusy(false);
  }

  const form = (
    <Form refusal={refusal} onSubmit={enable}>
      <CodeField value={typed} onChange={setTyped} appOnly />
      <Refused refusal={refusal} />
      <div className="row">
        <Button look="primary" type="submit" busy={busy}>
          {t('twoFactor.enable')}
        </Button>
        <Button isDisabled={steps.busy} onPress={steps.disable}>
          {t('twoFactor.cancelSetup')}
        </Button>
        <Button look="quiet" isDisabled={steps.busy} onPress={steps.setUp}>
          {t('twoFactor.newKey')}
        </Button>
      </div>
    </Form>
  );

  if (!setup) {
    return (
      <>
        <Notice>
          <p>{t('twoFactor.keyNotShown')}</p>
        </Notice>
        {form}
      </>
    );
  }
  return (
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
