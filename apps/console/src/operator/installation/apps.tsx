import { useTranslation } from 'react-i18next';
import type { InstalledApp } from '../../api/queries.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Badge } from '../../parts/surface.js';

/** Whether each app is ready; where it is not, what is missing. */
export function Apps({ apps }: { apps: readonly InstalledApp[] }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="muted">{t('installation.appsWhat')}</p>
      <Rows label={t('installation.apps')}>
        {apps.map(({ app, status, version, consumers = [] }) => (
          <Row
            key={app}
            name={app}
            badge={
              <Badge
                tone={status === 'ok' ? 'good' : status === 'consumer-stalled' ? 'warn' : 'danger'}
                icon={status === 'ok' ? 'check' : 'alert'}
              >
                {t(`installation.status.${status}`)}
              </Badge>
            }
            lines={[
              ...(version ? [[t('installation.version', { version })]] : []),
              ...consumers
                .filter(({ lag, stalled }) => lag > 0 || stalled)
                .map(({ source, lag, stalled }) => [
                  stalled ? t('installation.stalled', { source }) : undefined,
                  lag > 0 ? t('installation.behind', { source, count: lag }) : undefined,
                ]),
            ]}
          />
        ))}
      </Rows>
    </>
  );
}
