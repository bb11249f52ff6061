import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import type { Steps } from './two-factor.js';

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
