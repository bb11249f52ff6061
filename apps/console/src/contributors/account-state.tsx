import { useTranslation } from 'react-i18next';
import type { Account } from '../api/queries.js';
import { Badge } from '../parts/surface.js';

export function AccountState({ status }: { status: Account['status'] }) {
  const { t } = useTranslation();
  if (status === 'active') return <Badge>{t('account.active')}</Badge>;
  return (
    <Badge tone={status === 'locked' ? 'danger' : 'warn'} icon={status === 'locked' ? 'lock' : 'pause'}>
      {t(`account.${status}`)}
    </Badge>
  );
}
