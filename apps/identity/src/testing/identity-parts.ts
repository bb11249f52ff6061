import { aContext } from '#libs/contracts/src/testing/contexts.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { ErasedAccounts } from '#libs/platform/src/personal/erased-accounts.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { accountFold } from '../accounts/account.js';
import { portalFold } from '../accounts/portal.js';
import { RememberDays } from '../browsers/remember-days.js';
import { RememberedBrowsers } from '../browsers/remembered-browsers.js';
import { Deletions } from '../deletion/deletions.js';
import { PortalSso } from '../login/sso/portal-sso.js';
import { AccountChanger } from '../manage-accounts/account-changer.js';
import { Administrators } from '../manage-accounts/administrators.js';
import { NewAccount } from '../manage-accounts/new-account.js';
import { Registrations } from '../manage-accounts/registrations.js';
import { PasswordHasher } from '../passwords/hasher.js';
import { NewPassword } from '../passwords/new-password.js';
import { PasswordStore } from '../passwords/password-store.js';
import { Accounts } from '../registry/accounts.js';
import { Directory } from '../directory/directory.js';
import { Requirements } from '../enrolment/requirements.js';
import { RemovedGateways } from '../hand-over/removed-gateways.js';
import { Portals } from '../registry/portals.js';
import { ACCOUNT_SNAPSHOTS, PORTAL_SNAPSHOTS } from '../directory/rebuild.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { IntrospectionController } from '../sessions/introspection.controller.js';
import type { LastSeen } from '../sessions/last-seen.js';
import { SessionStore } from '../sessions/session-store.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';

export const context = aContext();
export const start = Date.UTC(2026, 10, 24, 9);

/** What stores in this app, wired by hand on an engine of its own in a directory of its own. */
export async function openIdentityParts(
  open: (options: { path: string; name: string }) => Promise<Engine>,
  ring = [newRingKey('k1')],
) {
  const path = await mkdtemp(join(tmpdir(), 'identity-'));
  const engine = await open({ path, name: 'identity' });
  let now = start;
  const clock = () => now;
  const { log } = engine;
  const keys = new PersonalKeys(engine, ring);
  const accounts = new Accounts(
    new Aggregates(accountFold, { log, snapshots: engine.records(ACCOUNT_SNAPSHOTS), keys, clock }),
    keys,
  );
  const portals = new Portals(new Aggregates(portalFold, { log, snapshots: engine.records(PORTAL_SNAPSHOTS), clock }));
  const usernames = new Usernames(engine, clock, accounts, keys);
  const externalIds = new ExternalIds(engine, clock, accounts, keys);
  const ssoSubjects = new SsoSubjects(engine, clock, accounts, keys);
  const directory = new Directory(engine, accounts, usernames, externalIds, ssoSubjects, keys);
  const requirements = new Requirements(engine, clock);
  const expiries = new Expiries(engine);
  const removedGateways = new RemovedGateways(engine, clock, expiries);
  const sessions = new SessionStore(engine, clock, expiries);
  const sessionChanges = new SessionChanges(engine, clock, sessions, accounts, keys);
  const hasher = new PasswordHasher();
  await hasher.onModuleInit();
  const passwords = new PasswordStore(engine, clock);
  const newPassword = new NewPassword(hasher, passwords, accounts, sessions);
  const administrators = new Administrators(portals, accounts);
  const newAccount = new NewAccount(newPassword, accounts, directory);
  const registrations = new Registrations(usernames, externalIds, accounts, newAccount, portals, administrators);
  const claims = [usernames, externalIds, ssoSubjects] as const;
  const sso = new PortalSso(engine);
  const changer = new AccountChanger(accounts, portals, administrators, sso, ...claims, directory);
  const erased = new ErasedAccounts(engine, keys);
  const rememberDays = new RememberDays(engine);
  const browsers = new RememberedBrowsers(engine, clock, rememberDays, accounts, keys, expiries, new Metrics());
  const secrets = [sessions, sessionChanges, browsers, passwords] as const;
  const deletions = new Deletions(engine, accounts, portals, ...secrets, ...claims, directory, erased, clock);

  return {
    engine,
    keys,
    clock,
    accounts,
    portals,
    administrators,
    claims,
    usernames,
    ssoSubjects,
    sso,
    directory,
    requirements,
    removedGateways,
    expiries,
    sessions,
    sessionChanges,
    rememberDays,
    browsers,
    hasher,
    passwords,
    newPassword,
    newAccount,
    registrations,
    changer,
    deletions,
    pass: (milliseconds: number) => (now += milliseconds),
    /** An account without a password. */
    register: async (ref: AccountRef, username: string) => {
      const account = { type: 'contributor', passwordId: 'p1' } as const;
      await accounts.execute(ref, context, { type: 'Register', account, person: { username } });
      await directory.update(ref);
    },
    close: async () => {
      await engine.close();
      await rm(path, { recursive: true });
    },
  };
}
export type IdentityParts = Awaited<ReturnType<typeof openIdentityParts>>;

/** What the other apps ask of sessions. */
export const introspectionOf = (
  { sessions, accounts, portals, requirements, removedGateways, clock }: IdentityParts,
  lastSeen: LastSeen,
) => new IntrospectionController(sessions, accounts, portals, lastSeen, requirements, removedGateways, clock);
