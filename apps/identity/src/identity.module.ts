import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { KeyRingRotation } from '#libs/platform/src/settings/key-ring-rotation.js';
import { streamsOf } from '#libs/platform/src/streams.js';
import { accountFold } from './accounts/account.js';
import { portalFold } from './accounts/portal.js';
import { AdminPolicyEvents } from './login/sso/admin-policy.events.js';
import { BrowserEvents } from './browsers/browsers.events.js';
import { BrowsersController, browsersHandlers } from './browsers/browsers.controller.js';
import { RememberDays } from './browsers/remember-days.js';
import { RememberedBrowsers } from './browsers/remembered-browsers.js';
import { DeletionController, deletionHandlers, DeletionMessages } from './deletion/deletion.controller.js';
import { Deletions } from './deletion/deletions.js';
import { TwoFactorEvents } from './sessions/two-factor.events.js';
import { Requirements } from './enrolment/requirements.js';
import { RequirementEvents } from './enrolment/requirements.events.js';
import { handOverHandlers, HandOverMessages } from './hand-over/hand-over.controller.js';
import { ClientEvents, RemovedGateways } from './hand-over/removed-gateways.js';
import { ImportController } from './import/import.controller.js';
import { Importer } from './import/importer.js';
import { LoginController, loginHandlers } from './login/login.controller.js';
import { LoginOutcomes } from './login/login-outcomes.js';
import { LoginTokens } from './login/login-tokens.js';
import { IdTokens } from './login/sso/id-tokens.js';
import { IdTokenLogin } from './login/sso/id-token-login.js';
import { PortalSso } from './login/sso/portal-sso.js';
import { PortalSsoController } from './login/sso/portal-sso.controller.js';
import { ProviderFailures } from './login/sso/provider-failures.js';
import { Providers } from './login/sso/providers.js';
import { LoginSealer } from './login/sso/sealed-login.js';
import { SsoThrottle } from './login/sso/sso-throttle.js';
import { UsedOnce } from './login/sso/used-once.js';
import { AccountsController, accountsHandlers } from './manage-accounts/accounts.controller.js';
import { Administrators } from './manage-accounts/administrators.js';
import { AccountChanger } from './manage-accounts/account-changer.js';
import { Registrations } from './manage-accounts/registrations.js';
import { NewAccount } from './manage-accounts/new-account.js';
import { MeController, meHandlers } from './me/me.controller.js';
import { PasswordHasher } from './passwords/hasher.js';
import { PasswordKinds } from './passwords/imported/password-kinds.js';
import { NewPassword } from './passwords/new-password.js';
import { MailedLinks } from './password-links/mailed-links.js';
import { PasswordLinks } from './password-links/password-links.js';
import { PasswordLinksController, passwordLinksHandlers } from './password-links/password-links.controller.js';
import { PasswordCheck } from './passwords/password-check.js';
import { PasswordStore } from './passwords/password-store.js';
import { CreatePortalHandler } from './portals/create-portal.js';
import { PortalsController } from './portals/portals.controller.js';
import { ACCOUNT_STREAMS, Accounts } from './registry/accounts.js';
import { Descriptions } from './registry/descriptions.js';
import { Directory } from './directory/directory.js';
import { SecondFactorEvents } from './directory/second-factors.events.js';
import { ContactsController } from './registry/contacts.controller.js';
import { NamesController } from './registry/names.controller.js';
import { PORTAL_STREAMS, Portals } from './registry/portals.js';
import { ACCOUNT_SNAPSHOTS, PORTAL_SNAPSHOTS } from './directory/rebuild.js';
import { ExternalIds } from './registry/external-ids.js';
import { SsoSubjects } from './registry/sso-subjects.js';
import { Usernames } from './registry/usernames.js';
import { SessionsController, sessionsHandlers } from './manage-sessions/sessions.controller.js';
import { IntrospectionController } from './sessions/introspection.controller.js';
import { OpenidController } from './sessions/openid.controller.js';
import { LastSeen } from './sessions/last-seen.js';
import { SessionChanges } from './sessions/session-changes.js';
import { SessionIssuer } from './sessions/session-issuer.js';
import { SessionStore } from './sessions/session-store.js';
import { SuspensionController, suspensionHandlers, SuspensionMessages } from './suspension/suspension.controller.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { Sweeper } from './sweep/sweeper.js';
import { PasswordThrottle } from './throttle/password-throttle.js';

const registry = [Accounts, Portals, Usernames, ExternalIds, SsoSubjects, Directory, Requirements, Descriptions];
const passwords = [
  PasswordLinks,
  MailedLinks,
  ...passwordLinksHandlers,
  PasswordHasher,
  PasswordStore,
  PasswordKinds,
  PasswordCheck,
  NewPassword,
  PasswordThrottle,
];
const sessions = [SessionStore, SessionIssuer, SessionChanges, LastSeen, ...sessionsHandlers];
const browsers = [RememberDays, RememberedBrowsers, ...browsersHandlers];
const sso = [
  PortalSso,
  IdTokens,
  UsedOnce,
  IdTokenLogin,
  Providers,
  ProviderFailures,
  SsoThrottle,
  {
    provide: LoginSealer,
    inject: [KeyRingRotation],
    useFactory: (ring: KeyRingRotation) => ring.use((keys) => new LoginSealer(keys)),
  },
];
const login = [LoginOutcomes, LoginTokens, ...sso, ...loginHandlers];
const manageAccounts = [
  NewAccount,
  Registrations,
  AccountChanger,
  Administrators,
  Deletions,
  ...accountsHandlers,
  ...suspensionHandlers,
  ...deletionHandlers,
];

@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    LoginController,
    PortalSsoController,
    PortalsController,
    AccountsController,
    SuspensionController,
    SuspensionMessages,
    DeletionController,
    DeletionMessages,
    SessionsController,
    BrowsersController,
    MeController,
    PasswordLinksController,
    IntrospectionController,
    OpenidController,
    HandOverMessages,
    NamesController,
    ContactsController,
    ImportController,
    TwoFactorEvents,
    SecondFactorEvents,
    AdminPolicyEvents,
    RequirementEvents,
    ClientEvents,
    BrowserEvents,
  ],
  providers: [
    streamsOf(ACCOUNT_STREAMS, accountFold, ACCOUNT_SNAPSHOTS),
    streamsOf(PORTAL_STREAMS, portalFold, PORTAL_SNAPSHOTS),
    ...registry,
    ...passwords,
    ...sessions,
    ...browsers,
    ...login,
    ...manageAccounts,
    ...meHandlers,
    ...handOverHandlers,
    RemovedGateways,
    CreatePortalHandler,
    Importer,
    Expiries,
    Sweeper,
  ],
})
export class IdentityModule {}

/** Accounts, passwords, login, SSO, login tokens, sessions. */
export const identityApp: AppDefinition = { name: 'identity', module: IdentityModule };
