import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { Facts, Notice } from '../parts/surface.js';
import { Authenticators } from './authenticators/authenticators.js';
import type { Steps } from './two-factor.js';

type Asked = 'disable' | 'reset' | 'newCodes';

/** From here on the person should make new ones (R10). */
const FEW = 3;

export function Off({ steps }: { steps: Steps }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="muted">{t('twoFactor.offWhy')}</p>
      <div>
        <Button look="primary" busy={steps.running !== null} onPress={steps.setUp}>
          {t('twoFactor.setUp')}
        </Button>
      </div>
    </>
  );
}

export function Enabled({ backupCodesLeft, steps }: { backupCodesLeft: number; steps: Steps }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <p className="muted">{t('twoFactor.onWhy')}</p>
      <Authenticators steps={steps} />
      <Facts facts={[[t('twoFactor.backupCodes'), t('twoFactor.left', { count: backupCodesLeft })]]} />
      {backupCodesLeft <= FEW && (
        <Notice tone="warn">{t(backupCodesLeft === 0 ? 'twoFactor.noneLeft' : 'twoFactor.fewLeft')}</Notice>
      )}
      <div className="row">
        {(['newCodes', 'reset', 'disable'] as const).map((step) => (
          <Button
            key={step}
            {...(step === 'disable' && { look: 'danger' })}
            busy={steps.running === step}
            idle={steps.running !== null}
            onPress={() => setAsked(step)}
          >
            {t(`twoFactor.${step}`)}
          </Button>
        ))}
      </div>
      {asked && (
        <Confirm
          isOpen
          title={t(`twoFactor.ask.${asked}.title`)}
          confirm={t(`twoFactor.ask.${asked}.ok`)}
          onClose={() => setAsked(null)}
          onConfirm={steps[asked]}
        >
          <p>{t(`twoFactor.ask.${asked}.what`)}</p>
        </Confirm>
      )}
    </>
  );
}
