import { partsOf } from '#libs/contracts/src/stream.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { type Replayed, rebuildSnapshots } from '#libs/event-store/src/whole-log/rebuild.js';
import { POSITIONS } from '#libs/messaging/src/collections.js';
import { systemClock } from '#libs/platform/src/clock.js';
import type { RingKey } from '#libs/vault/src/keyring.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { accountFold } from '../accounts/account.js';
import { portalFold } from '../accounts/portal.js';
import { REMEMBER_DAYS } from '../browsers/remember-days.js';
import { REQUIREMENTS } from '../enrolment/requirements.js';
import { SSO } from '../login/sso/portal-sso.js';
import { Accounts } from '../registry/accounts.js';
import { Directory } from './directory.js';
import { SecondFactors } from './second-factors.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';

export const ACCOUNT_SNAPSHOTS = 'account-snapshots';
export const PORTAL_SNAPSHOTS = 'portal-snapshots';
const isAccountStream = (stream: string): boolean => partsOf(stream).account !== undefined;

/** Deletes every snapshot and makes it again from the log. Counts what was folded. */
export async function rebuildIdentitySnapshots(engine: Engine): Promise<Replayed> {
  const accounts = await rebuildSnapshots(accountFold, engine, {
    collection: ACCOUNT_SNAPSHOTS,
    streams: isAccountStream,
  });
  const portals = await rebuildSnapshots(portalFold, engine, {
    collection: PORTAL_SNAPSHOTS,
    streams: (stream) => !isAccountStream(stream),
  });
  return { streams: accounts.streams + portals.streams, events: accounts.events + portals.events };
}

/** Deletes the directory, the names and the SSO subjects, and makes them again from the log. The app must not be running. */
export async function rebuildDirectory(engine: Engine, ring: readonly RingKey[]): Promise<void> {
  const clock = systemClock;
  const keys = new PersonalKeys(engine, ring);
  const accounts = new Accounts(
    new Aggregates(accountFold, { log: engine.log, snapshots: engine.records(ACCOUNT_SNAPSHOTS), keys, clock }),
    keys,
  );
  const usernames = new Usernames(engine, clock, accounts, keys);
  const externalIds = new ExternalIds(engine, clock, accounts, keys);
  const ssoSubjects = new SsoSubjects(engine, clock, accounts, keys);
  await new Directory(engine, accounts, usernames, externalIds, ssoSubjects, keys).rebuild();
}

/**
 * Deletes every projection and makes it again; what the other apps decided is adopted again when the app starts. A session that
 * an event was to end has ended, and the adoption is noted: the event that comes again ends none. The app must not be running.
 */
export async function rebuildIdentity(engine: Engine, ring: readonly RingKey[]): Promise<Replayed> {
  await engine.records(POSITIONS).clear();
  await new SecondFactors(engine).clear();
  await engine.records(SSO).clear();
  await engine.records(REQUIREMENTS).clear();
  await engine.records(REMEMBER_DAYS).clear();
  const replayed = await rebuildIdentitySnapshots(engine);
  await rebuildDirectory(engine, ring);
  return replayed;
}
