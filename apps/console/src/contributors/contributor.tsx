import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { api, reply } from '../api/client.js';
import { codeOf } from '../api/problem.js';
import { type Account, account, me } from '../api/queries.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Confirm } from '../parts/overlays/dialog.js';
import { Icon } from '../parts/icon.js';
import { Card, Facts, Failure, Loading, Notice, Page } from '../parts/surface.js';
import { useComplaint } from '../parts/overlays/complaint.js';
import { tell } from '../parts/overlays/toast.js';
import { Status } from '../profile/two-factor.js';
import { NotFound } from '../shell/not-found.js';
import { AccountState } from './contributors.js';
import { EditAccount } from './edit-account.js';

export function Contributor({ portal, id }: { portal: string; id: string }) {
  const { t } = useTranslation();
  const { data: person, isPending, isError, error, refetch } = useQuery(account(portal, id));
  if (isError && codeOf(error) === 'not-found') return <NotFound home={`/p/${portal}/contributors`} />;
  if (!person) {
    return (
      <Page title={t('contributors.one')}>
        <Card>
          {isPending && <Loading />}
          {isError && <Failure error={error} retry={() => void refetch()} />}
        </Card>
      </Page>
    );
  }
  return (
    <Page
      title={person.displayName ?? person.username}
      above={<Link href={`/p/${portal}/contributors`}>{t('contributors.title')}</Link>}
      action={
        <ButtonLink href={`/p/${portal}/activity?account=${id}&range=month`}>
          <Icon name="activity" />
          {t('contributors.activity')}
        </ButtonLink>
      }
    >
      <Access portal={portal} person={person} />
      <EditAccount portal={portal} person={person} />
    </Page>
  );
}

/** Lock and second factor, and what an administrator can do about them. */
function Access({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const complain = useComplaint();
  const queries = useQueryClient();
  const own = useQuery(me).data?.id === person.id;
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const target = { params: { path: { portal, account: person.id } } };

  async function run(action: () => Promise<unknown>, done: string) {
    setBusy(true);
    try {
      await action();
      tell(done);
    } catch (error) {
      complain(error);
    }
    await queries.invalidateQueries({ queryKey: ['accounts', portal] });
    setBusy(false);
  }
  const { username, twoFactor } = person;
  const unlock = () =>
    run(
      () => reply(api.POST('/v1/portals/{portal}/accounts/{account}/unlock', target)),
      t('contributors.unlocked', { username }),
    );
  const disable = () =>
    run(
      () => reply(api.POST('/v1/portals/{portal}/accounts/{account}/two-factor/disable', target)),
      t('contributors.twoFactorDisabled', { username }),
    );

  return (
    <Card title={t('contributors.access')} aside={<AccountState status={person.status} />}>
      {person.status === 'locked' && (
        <Notice tone="danger">
          <p>{t('contributors.lockedWhy')}</p>
          <div>
            <Button look="primary" busy={busy} onPress={() => void unlock()}>
              {t('contributors.unlock')}
            </Button>
          </div>
        </Notice>
      )}
      <Facts
        facts={[
          [t('account.username'), username],
          [t('twoFactor.title'), <Status key="2fa" status={twoFactor.status} />],
          [t('twoFactor.backupCodes'), t('twoFactor.left', { count: twoFactor.backupCodesLeft })],
        ]}
      />
      {twoFactor.status !== 'none' && own && <p className="muted">{t('contributors.ownTwoFactor')}</p>}
      {twoFactor.status !== 'none' && !own && (
        <div>
          <Button look="danger" busy={busy} onPress={() => setAsked(true)}>
            {t('twoFactor.disable')}
          </Button>
        </div>
      )}
      <Confirm
        isOpen={asked}
        title={t('contributors.askDisable', { username })}
        confirm={t('twoFactor.ask.disable.ok')}
        onClose={() => setAsked(false)}
        onConfirm={() => void disable()}
      >
        <p>{t('contributors.askDisableWhat')}</p>
      </Confirm>
    </Card>
  );
}
