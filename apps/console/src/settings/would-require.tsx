import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { me, summary } from '../api/queries.js';
import { Notice } from '../parts/surface.js';

interface Props {
  portal: string;
  enabled: boolean;
  graceDays: number;
}

/** What it would do to require 2FA, before it is saved. */
export function WouldRequire({ portal, enabled, graceDays }: Props) {
  const { t } = useTranslation();
  const { data, isError } = useQuery(summary(portal));
  const own = useQuery(me).data;
  const without = data && data.contributors - data.enabled;
  if (isError) return <Notice tone="warn">{t('settings.would.unknown')}</Notice>;
  return (
    <Notice tone={without === 0 ? 'info' : 'warn'}>
      <div role="status" className="stack-s">
        {without === undefined && <p>{t('settings.would.counting')}</p>}
        {without === 0 && <p>{t('settings.would.nobody')}</p>}
        {without !== undefined && without > 0 && Number.isInteger(graceDays) && (
          <p>
            {t('settings.would.people', { count: without })}{' '}
            {graceDays === 0 ? t('settings.would.atOnce') : t('settings.would.days', { count: graceDays })}
          </p>
        )}
        {own && own.twoFactor.status !== 'enabled' && (
          <p>
            <strong>{t('settings.would.you')}</strong>
          </p>
        )}
        {!enabled && <p>{t('settings.would.notOn')}</p>}
      </div>
    </Notice>
  );
}
