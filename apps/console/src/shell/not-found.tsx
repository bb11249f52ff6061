import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../parts/button.js';
import { Card, Empty, Page } from '../parts/surface.js';

export function NotFound({ home }: { home: string }) {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound.title')}>
      <Card>
        <Empty icon="alert">
          <p>{t('notFound.why')}</p>
          <ButtonLink href={home}>{t('notFound.home')}</ButtonLink>
        </Empty>
      </Card>
    </Page>
  );
}
