import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type FunctionComponent, Suspense, useEffect, useState } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { apiBase } from './api/client.js';
import { whenHealed } from './api/connection.js';
import { ConnectionLost, ProblemError } from './api/problem.js';
import { me } from './api/queries.js';
import { whenOtherWindowTells } from './api/windows.js';
import { Activity } from './activity/activity.js';
import { Authorize } from './authorize/authorize.js';
import { Contributor } from './contributors/one/contributor.js';
import { Contributors } from './contributors/contributors.js';
import { NewAccount } from './contributors/new-account.js';
import { HandOver } from './hand-over/hand-over.js';
import { Login } from './login/login.js';
import type { Links } from './login/links.js';
import { SetPassword } from './login/set-password.js';
import { SsoCallback } from './login/sso-callback.js';
import { TokenLogin } from './login/token-login.js';
import { Operator } from './operator/operator.js';
import { Loading } from './parts/surface.js';
import { Toasts } from './parts/overlays/toast.js';
import { Profile } from './profile/profile.js';
import { Security } from './settings/security.js';
import { Frame } from './shell/frame.js';
import { NotFound } from './shell/not-found.js';
import { useFocusKeeper } from './shell/focus-keeper.js';
import { base, homeOf, lastPortal } from './shell/places.js';

/** An administrator's screens, under the portal's address. */
const administration: readonly (readonly [path: string, FunctionComponent<{ portal: string; id: string }>])[] = [
  ['contributors', Contributors],
  ['contributors/new', NewAccount],
  ['contributors/:id', Contributor],
  ['activity', Activity],
  ['settings', ({ portal }) => <Redirect to={`/p/${portal}/settings/security`} replace />],
  ['settings/security', Security],
];

/** Of a screen; what the API serves, such as a download, is no screen. */
const hrefOf = (href: string) => (href.startsWith('/') && !href.startsWith(apiBase) ? base + href : href);

/** A refusal is an answer: asking again changes nothing. What got no answer is asked again when the connection is back. */
const retry = (failures: number, error: Error) =>
  !(error instanceof ConnectionLost) && error instanceof ProblemError && error.problem.status >= 500 && failures < 3;

const makeQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: 'always' } } });

export function App({ links = {} }: { links: Links | undefined }) {
  const [queries] = useState(makeQueryClient);
  useEffect(() => whenHealed(() => void queries.invalidateQueries()), [queries]);
  useEffect(() => whenOtherWindowTells(() => void queries.invalidateQueries({ queryKey: me.queryKey })), [queries]);
  return (
    <QueryClientProvider client={queries}>
      <Router base={base}>
        <Screens links={links} />
      </Router>
    </QueryClientProvider>
  );
}

function Screens({ links }: { links: Links }) {
  const { i18n } = useTranslation();
  const [, navigate] = useLocation();
  useFocusKeeper();
  return (
    <I18nProvider locale={i18n.language}>
      <RouterProvider navigate={navigate} useHref={hrefOf}>
        <Switch>
          <Route path="/">{() => <Redirect to={lastPortal() ? homeOf(lastPortal()) : '/login'} replace />}</Route>
          <Route path="/login">
            <Login />
          </Route>
          <Route path="/authorize/:portal/:uid">
            {({ portal, uid }) => <Authorize key={uid} portal={portal} uid={uid} />}
          </Route>
          <Route path="/hand-over/:portal/:uid">
            {({ portal, uid }) => <HandOver key={uid} portal={portal} uid={uid} />}
          </Route>
          <Route path="/login/token">
            <TokenLogin link={links.login} />
          </Route>
          <Route path="/sso/callback/:portal">
            {({ portal }) => <SsoCallback portal={portal} answer={links.provider} />}
          </Route>
          <Route path="/password">
            <SetPassword token={links.password} />
          </Route>
          <Route path="/p/:portal/*?">
            {({ portal }) => (
              <Frame key={portal} portal={portal}>
                {(admin) => (
                  <Suspense fallback={<Loading />}>
                    <Switch>
                      <Route path="/p/:portal">
                        <Redirect to={homeOf(portal)} replace />
                      </Route>
                      <Route path="/p/:portal/profile">
                        <Profile />
                      </Route>
                      {admin &&
                        administration.map(([path, Screen]) => (
                          <Route<{ id?: string }> key={path} path={`/p/:portal/${path}`}>
                            {({ id = '' }) => <Screen key={id} portal={portal} id={id} />}
                          </Route>
                        ))}
                      <Route>
                        <NotFound home={homeOf(portal)} />
                      </Route>
                    </Switch>
                  </Suspense>
                )}
              </Frame>
            )}
          </Route>
          <Route path="/operator/*?">
            <Operator />
          </Route>
          <Route>
            <main className="stack" style={{ padding: '2rem' }}>
              <NotFound home="/" />
            </main>
          </Route>
        </Switch>
        <Toasts />
      </RouterProvider>
    </I18nProvider>
  );
}
