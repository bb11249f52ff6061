import { useTranslation } from 'react-i18next';
import { serverNow } from '../api/server-clock.js';
import { useTime } from '../parts/use-time.js';

/** Says until when somebody must set up 2FA, or since when they must have. */
export function useGrace(): (graceEndsAt: string) => string {
  const { t } = useTranslation();
  const time = useTime();
  return (end) =>
    Date.parse(end) <= serverNow()
      ? t('contributors.overdueSince', { since: time(end) })
      : t('contributors.dueBy', { until: time(end) });
}
