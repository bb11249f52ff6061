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
import { Loaded } from '../parts/loaded.js';
import { Card, Facts, Notice, Page } from '../parts/surface.js';
import { useAction } from '../parts/overlays/action.js';
import { tell } from '../parts/overlays/toast.js';
import { Status } from '../profile/two-factor.js';
import { NotFound } from '../shell/not-found.js';
import { AccountState } from './contributors.js';
import { EditAccount } from './edit-account.js';

export function Contributor({ portal, id }: { portal: string; id: string }) {
  const { t } = useTranslation();
  const found = useQuery(account(portal, id));
  const person = found.data;
  const list = `/p/${portal}/contributors`;
  if (!person && codeOf(found.error) === 'not-found') return <NotFound home={list} />;
  return (
    <Page
      title={person ? (person.displayName ?? person.username) : t('contributors.one')}
      above={person && <Link href={list}>{t('contributors.title')}</Link>}
      action={
        person && (
          <ButtonLink href={`/p/${portal}/activity?account=${id}`}>
            <Icon name="activity" />
            {t('contributors.activity')}
          </ButtonLink>
        )
      }
    >
      {person ? (
        <>
          <Access portal={portal} person={person} />
          <EditAccount portal={portal} person={person} />
        </>
      ) : (
        <Card>
          <Loaded of={found}>{() => null}</Loaded>
        </Card>
      )}
    </Page>
  );
}

/** Lock and second factor, and what an administrator can do about them. */
function Access({ portal, person }: { portal: string; person: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const own = useQuery(me).data?.id === person.id;
  const [asked, setAsked] = useState(false);
  const { running, run } = useAction(() => queries.invalidateQueries({ queryKey: ['accounts', portal] }));
  const { id, username, twoFactor, status } = person;
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

  return (
    <Card title={t('contributors.access')} aside={<AccountState status={status} />}>
      {status === 'locked' && (
        <Notice tone="danger">
          <p>{t('contributors.lockedWhy')}</p>
          <div>
            <Button look="primary" busy={busy} onPress={unlock}>
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
        onConfirm={disable}
      >
        <p>{t('contributors.askDisableWhat')}</p>
      </Confirm>
    </Card>
  );
}
