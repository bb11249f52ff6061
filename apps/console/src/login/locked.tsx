import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import { Notice, Page } from '../parts/surface.js';

export function Locked({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  return (
    <Page boxed title={t('locked.title')}>
      <Notice tone="danger" live>
        {t('locked.why')}
      </Notice>
      <div className="stack-s">
        <h2>{t('locked.what')}</h2>
        <p>{t('locked.ask')}</p>
        <p className="muted">{t('locked.after')}</p>
      </div>
      <Button onPress={onBack}>{t('locked.back')}</Button>
    </Page>
  );
}
