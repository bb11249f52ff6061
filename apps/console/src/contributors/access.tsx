import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { type Account, me } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { useAction } from '../parts/overlays/action.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { tell } from '../parts/overlays/toast.js';
import { Card, Facts, Notice } from '../parts/surface.js';
import { useTime } from '../parts/use-time.js';
import { Status } from '../profile/two-factor.js';
import { AccountState } from './account-state.js';
import { useGrace } from './grace.js';

/** Suspension, lock and second factor, and what an administrator can do about them. */
export function Access({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const time = useTime();
  const grace = useGrace();
  const queries = useQueryClient();
  const own = useQuery(me).data?.id === person.id;
  const [asked, setAsked] = useState<'disable' | 'suspend' | null>(null);
  const { running, run } = useAction(() => queries.invalidateQueries({ queryKey: ['accounts', portal] }));
  const {
    id,
    username,
    externalId,
    hasPassword,
    twoFactor,
    status,
    suspendedAt,
    lockedAt,
    lockEndsAt,
    failedAttempts,
    lastLoginAt,
    graceEndsAt,
  } = person;
  const suspendable = status !== 'suspended';
  const disableable = twoFactor.status !== 'none';
  const busy = running !== null;
  const target = { params: { path: { portal, account: id } } };
  const unlock = () =>
    run('unlock', async () => {
      await reply(api.POST('/v1/portals/{portal}/accounts/{account}/unlock', target));
      tell(t('contributors.unlocked', { username }));
    });
  const disable = () =>
    run('disable', async () => {
      await reply(api.POST('/v1/portals/{portal}/accounts/{account}/two-factor/disable', target));
      tell(t('contributors.twoFactorDisabled', { username }));
    });
  const suspend = () =>
    run('suspend', async () => {
      await reply(api.POST('/v1/portals/{portal}/accounts/{account}/suspend', target));
      tell(t('contributors.suspended', { username }));
    });
  const resume = () =>
    run('resume', async () => {
      const left = await reply(api.POST('/v1/portals/{portal}/accounts/{account}/resume', target));
      if (left.status === 'locked') tell(t('contributors.resumedLocked', { username }), 'warn');
      else tell(t('contributors.resumed', { username }));
    });
  const close = () => setAsked(null);

  return (
    <Card title={t('contributors.access')} aside={<AccountState status={status} />}>
      {status === 'locked' && (
        <Notice tone="danger">
          {lockedAt && (
            <p>
              <strong>{t('contributors.lockedSince', { since: time(lockedAt) })}</strong>
            </p>
          )}
          <p>{t('contributors.lockedWhy')}</p>
          {lockEndsAt && <p>{t('contributors.lockedUntil', { until: time(lockEndsAt) })}</p>}
          <div>
            <Button look="primary" busy={busy} onPress={unlock}>
              {t('contributors.unlock')}
            </Button>
          </div>
        </Notice>
      )}
      {status === 'suspended' && (
        <Notice tone="warn">
          {suspendedAt && (
            <p>
              <strong>{t('contributors.suspendedSince', { since: time(suspendedAt) })}</strong>
            </p>
          )}
          <p>{t('contributors.suspendedWhat')}</p>
          <div>
            <Button look="primary" busy={busy} onPress={resume}>
              {t('contributors.resume')}
            </Button>
          </div>
        </Notice>
      )}
      <Facts
        facts={[
          [t('account.username'), username],
          ...(externalId === undefined ? [] : [[t('account.externalId'), externalId] as const]),
          [t('login.password'), hasPassword ? t('account.hasPassword') : t('account.noPassword')],
          [t('twoFactor.title'), <Status key="2fa" status={twoFactor.status} />],
          ...(graceEndsAt ? [[t('contributors.required'), grace(graceEndsAt)] as const] : []),
          [t('twoFactor.backupCodes'), t('twoFactor.left', { count: twoFactor.backupCodesLeft })],
          ...(failedAttempts === 0 ? [] : [[t('contributors.failedAttempts'), `${failedAttempts}`] as const]),
          [t('contributors.lastLogin'), lastLoginAt ? time(lastLoginAt) : t('contributors.neverLoggedIn')],
        ]}
      />
      {own && <p className="muted">{t('contributors.ownAccount')}</p>}
      {!own && (suspendable || disableable) && (
        <div className="row">
          {suspendable && (
            <Button busy={busy} onPress={() => setAsked('suspend')}>
              {t('contributors.suspend')}
            </Button>
          )}
          {disableable && (
            <Button look="danger" busy={busy} onPress={() => setAsked('disable')}>
              {t('twoFactor.disable')}
            </Button>
          )}
        </div>
      )}
      <Confirm
        isOpen={asked === 'disable'}
        title={t('contributors.askDisable', { username })}
        confirm={t('twoFactor.ask.disable.ok')}
        onClose={close}
        onConfirm={disable}
      >
        <p>{t('contributors.askDisableWhat')}</p>
      </Confirm>
      <Confirm
        isOpen={asked === 'suspend'}
        title={t('contributors.askSuspend', { username })}
        confirm={t('contributors.suspend')}
        onClose={close}
        onConfirm={suspend}
      >
        <p>{t('contributors.askSuspendWhat')}</p>
      </Confirm>
    </Card>
  );
}
