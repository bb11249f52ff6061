import { useTranslation } from 'react-i18next';
import type { Account } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { Notice } from '../../parts/surface.js';
import { useTime } from '../../parts/use-time.js';

interface Props {
  person: Account;
  busy: boolean;
  onUnlock: () => void;
  onResume: () => void;
}

/** Why nobody can log in to the account, and what ends that: suspension and lock are two things (R41). */
export function Barred({ person: { status, suspendedAt, lockedAt, lockEndsAt }, busy, onUnlock, onResume }: Props) {
  const { t } = useTranslation();
  const time = useTime();
  return (
    <>
      {status === 'suspended' && (
        <Notice tone="warn">
          {suspendedAt && (
            <p>
              <strong>{t('contributors.suspendedSince', { since: time(suspendedAt) })}</strong>
            </p>
          )}
          <p>{t('contributors.suspendedWhat')}</p>
          <div>
            <Button look="primary" busy={busy} onPress={onResume}>
              {t('contributors.resume')}
            </Button>
          </div>
        </Notice>
      )}
      {lockedAt && (
        <Notice tone="danger">
          <p>
            <strong>{t('contributors.lockedSince', { since: time(lockedAt) })}</strong>
          </p>
          <p>{t('contributors.lockedWhy')}</p>
          <p>
            {lockEndsAt
              ? t('contributors.lockedUntil', { until: time(lockEndsAt) })
              : t('contributors.lockedUntilEnabled')}
          </p>
          <div>
            <Button look={status === 'suspended' ? 'secondary' : 'primary'} busy={busy} onPress={onUnlock}>
              {t('contributors.unlock')}
            </Button>
          </div>
        </Notice>
      )}
    </>
  );
}
