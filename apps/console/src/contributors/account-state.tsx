import { useTranslation } from 'react-i18next';
import type { Account } from '../api/queries.js';
import { Badge } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';
import { useFailedAttempts } from './failed-attempts.js';

export function AccountState({ status }: { status: Account['status'] }) {
  const { t } = useTranslation();
  if (status === 'active') return <Badge>{t('account.active')}</Badge>;
  return (
    <Badge tone={status === 'locked' ? 'danger' : 'warn'} icon={status === 'locked' ? 'lock' : 'pause'}>
      {t(`account.${status}`)}
    </Badge>
  );
}

/** Since when nobody can log in, and until when; or how near the next lock is. */
export function useStateLines(portal: string): (person: Account) => string[] {
  const { t } = useTranslation();
  const time = useTime();
  const attempts = useFailedAttempts(portal);
  return (person) => {
    const { status, suspendedAt, lockedAt, lockEndsAt } = person;
    if (status === 'active') return person.failedAttempts > 0 ? [attempts(person)] : [];
    const since = status === 'suspended' ? suspendedAt : lockedAt;
    const lines = since === undefined ? [] : [t('contributors.since', { since: time(since) })];
    if (status === 'suspended') return lockedAt === undefined ? lines : [...lines, t('contributors.lockedToo')];
    return [
      ...lines,
      lockEndsAt ? t('contributors.until', { until: time(lockEndsAt) }) : t('contributors.untilEnabled'),
    ];
  };
}
