import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection.js';
import { Icon } from '../parts/icon.js';
import style from './shell.module.css';

export function ConnectionBanner() {
  const { t } = useTranslation();
  const lost = useConnection() === 'lost';
  return (
    <div role="status">
      {lost && (
        <div className={style.banner}>
          <Icon name="alert" />
          {t('shell.connectionLost')}
        </div>
      )}
    </div>
  );
}
