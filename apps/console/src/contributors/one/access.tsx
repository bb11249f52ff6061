import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../../api/client.js';
import { type Account, me } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { useAction } from '../../parts/overlays/action.js';
import { Confirm } from '../../parts/overlays/dialog.js';
import { tell } from '../../parts/overlays/toast.js';
import { Card, Facts } from '../../parts/surface.js';
import { useTime } from '../../parts/use-time.js';
import { Status } from '../../profile/two-factor.js';
import { AccountState } from '../account-state.js';
import { Barred } from './barred.js';
import { unlock } from '../commands.js';
import { useFailedAttempts } from '../failed-attempts.js';
import { useGrace } from '../grace.js';

/** Suspension, lock and second factor, and what an administrator can do about them. */
export function Access({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const time = useTime();
  const grace = useGrace();
  const attempts = useFailedAttempts(portal);
  const queries = useQueryClient();
  const own = useQuery(me).data?.id === person.id;
  const [asked, setAsked] = useState<'disable' | 'suspend' | null>(null);
  const { running, run } = useAction(() => queries.invalidateQueries({ queryKey: ['accounts', portal] }));
  const { id, username, externalId, hasPassword, twoFactor, status, failedAttempts, lastLoginAt, graceEndsAt } = person;
  const suspendable = status !== 'suspended';
  const disableable = twoFactor.status !== 'none';
  const busy = running !== null;
  const target = { params: { path: { portal, account: id } } };
  const enable = () =>
    run('unlock', async () => {
      await unlock(portal, id);
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
      <Barred person={person} busy={busy} onUnlock={enable} onResume={resume} />
      <Facts
        facts={[
          [t('account.username'), username],
          ...(externalId === undefined ? [] : [[t('account.externalId'), externalId] as const]),
          [t('login.password'), hasPassword ? t('account.hasPassword') : t('account.noPassword')],
          [t('twoFactor.title'), <Status key="2fa" status={twoFactor.status} />],
          ...(graceEndsAt ? [[t('contributors.required'), grace(graceEndsAt)] as const] : []),
          [t('twoFactor.backupCodes'), t('twoFactor.left', { count: twoFactor.backupCodesLeft })],
          ...(failedAttempts === 0 ? [] : [[t('contributors.attemptsTitle'), attempts(person)] as const]),
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
