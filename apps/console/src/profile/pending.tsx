import { useTranslation } from 'react-i18next';
import type { FieldOf } from '../language/use-sentences.js';
import { useArrival } from '../parts/arrival.js';
import { Button } from '../parts/button.js';
import { CodeField } from '../parts/fields/code-field.js';
import { Copyable } from '../parts/fields/copyable.js';
import { Form } from '../parts/fields/form.js';
import { type TypedCode, useForm } from '../parts/fields/use-form.js';
import { Notice } from '../parts/surface.js';
import style from './profile.module.css';
import type { ShownKey, Steps } from './two-factor.js';

const fieldOf: FieldOf = { 'wrong-code': 'code', 'malformed-code': 'code' };
const empty: { code: TypedCode } = { code: { code: '' } };

/** What can be done beside confirming. */
export interface PendingSteps extends Pick<Steps, 'running'> {
  /** Undefined: it must be set up. */
  readonly cancel: (() => void) | undefined;
  readonly newKey: () => void;
}

interface Props {
  /** Null after a reload: a key is shown once. */
  shown: ShownKey | null;
  steps: PendingSteps;
  /** @throws what a form shows */
  confirm: (code: string) => Promise<void>;
}

/** An app is being connected: the first, or one more. */
export function Pending({ shown, steps, confirm }: Props) {
  const { t } = useTranslation();
  const heading = useArrival(Boolean(shown?.setup));
  const idle = steps.running !== null;
  const form = useForm({
    place: 'setup',
    fieldOf,
    empty,
    send: ({ code }) => confirm('code' in code ? code.code : ''),
  });
  const fields = (
    <Form
      form={form}
      submit={shown?.after === 'adding' ? t('authenticators.confirm') : t('twoFactor.enable')}
      more={
        <>
          {steps.cancel && (
            <Button idle={idle} busy={steps.running === 'disable'} onPress={steps.cancel}>
              {t('twoFactor.cancelSetup')}
            </Button>
          )}
          <Button look="quiet" idle={idle} busy={steps.running === 'setUp'} onPress={steps.newKey}>
            {t('twoFactor.newKey')}
          </Button>
        </>
      }
    >
      <CodeField form={form} appOnly />
    </Form>
  );

  if (!shown?.setup) {
    return (
      <>
        <Notice {...(shown && { tone: 'warn', live: true })}>
          {shown ? t('twoFactor.keyReplaced') : t('twoFactor.keyNotShown')}
        </Notice>
        {fields}
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
      {after === 'adding' && <p>{t('authenticators.adding', { name: shown.name })}</p>}
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
            <Copyable
              text={setup.manualKey}
              copied={setup.manualKey.replaceAll(' ', '')}
              words={{ copy: t('twoFactor.copyKey'), done: t('twoFactor.keyCopied') }}
              testId="manual-key"
            />
          </li>
          <li>
            <p style={{ marginBottom: '0.75rem' }}>{t('twoFactor.enterCode')}</p>
            {fields}
          </li>
        </ol>
      </div>
    </>
  );
}
