import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Redirect, useLocation, useSearch } from 'wouter';
import { whenSessionEnds } from '../api/client.js';
import { useLiveUpdates } from '../api/live/live.js';
import { me } from '../api/queries.js';
import { Icon, type IconName, Logo } from '../parts/icon.js';
import { Loaded } from '../parts/loaded.js';
import { Owner, PRODUCT } from '../parts/surface.js';
import { tell } from '../parts/overlays/toast.js';
import { ProofWhenNeeded } from '../proof/proof.js';
import { AccountMenu } from './account-menu.js';
import { ConnectionBanner } from './connection-banner.js';
import { useFace } from './face.js';
import { OtherPortal } from './other-portal.js';
import { homeOf, loginPath } from './places.js';
import style from './shell.module.css';

/** What stands around every screen of a portal: whose session it is, and where one can go. */
export function Frame({ portal, children }: { portal: string; children: (admin: boolean) => ReactNode }) {
  const { t } = useTranslation();
  const found = useQuery(me);
  const account = found.data;
  const { name } = useFace(portal);
  const enrolling = account?.enrolmentRequired === true;
  const admin = !enrolling && account?.portal === portal && account.admin;
  const [path] = useLocation();
  useLoginWhenSessionEnds(portal);
  useLiveUpdates(portal, admin);
  if (account && account.portal !== portal) return <OtherPortal portal={portal} own={account.portal} />;
  // nothing else can be done, so it is nowhere else to go
  if (enrolling && path !== homeOf(portal)) return <Redirect to={homeOf(portal)} replace />;
  return (
    <Owner value={name || PRODUCT}>
      <div className={style.frame}>
        <a className={style.skip} href="#main">
          {t('shell.skip')}
        </a>
        <header className={style.side}>
          <Link className={style.brand} href={homeOf(portal)}>
            <Logo />
            <span>
              <span className={style.name} dir="auto">
                {name}
              </span>
              <span className={style.portal} style={{ display: 'block' }}>
                {portal}
              </span>
            </span>
          </Link>
          <nav className={style.nav} aria-label={t('shell.navigation')}>
            <Place to={homeOf(portal)} icon="user" label={t('profile.title')} />
            {admin && (
              <>
                <Place to={`/p/${portal}/contributors`} icon="users" label={t('contributors.title')} />
                <Place to={`/p/${portal}/activity`} icon="activity" label={t('activity.title')} />
                <Place to={`/p/${portal}/settings/security`} icon="shield" label={t('settings.title')} />
              </>
            )}
          </nav>
          <div className={style.account}>{account && <AccountMenu portal={portal} account={account} />}</div>
        </header>
        <div>
          <ConnectionBanner />
          <main id="main" className={style.main} tabIndex={-1}>
            <Loaded of={found}>
              {({ id }) => (
                // nothing of one person's screens stays for another who logs in in another window
                <div key={id}>
                  <ProofWhenNeeded />
                  {children(admin)}
                </div>
              )}
            </Loaded>
          </main>
        </div>
      </div>
    </Owner>
  );
}

function Place({ to, icon, label }: { to: string; icon: IconName; label: string }) {
  const [path] = useLocation();
  return (
    <Link href={to} aria-current={path === to || path.startsWith(`${to}/`) ? 'page' : undefined}>
      <Icon name={icon} />
      {label}
    </Link>
  );
}

function useLoginWhenSessionEnds(portal: string): void {
  const { t } = useTranslation();
  const [path, navigate] = useLocation();
  const search = useSearch();
  const queries = useQueryClient();
  useEffect(
    () =>
      whenSessionEnds(() => {
        const known = queries.getQueryData(me.queryKey) !== undefined;
        queries.clear();
        navigate(loginPath(portal, path + (search && `?${search}`)), { replace: true });
        if (known) tell(t('shell.sessionEnded'), 'warn');
      }),
    [portal, path, search, navigate, queries, t],
  );
}
