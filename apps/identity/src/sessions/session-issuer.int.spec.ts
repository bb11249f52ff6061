import type { EnrolmentStatus } from '#libs/contracts/src/primitives.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { scriptedBus } from '#libs/platform/src/testing/stand-ins.js';
import { Descriptions } from '../registry/descriptions.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';
import { SessionIssuer } from './session-issuer.js';
import type { StoredSession } from './session-store.js';

const alice = { portal: 'demo', accountId: 'a1' };
let parts: IdentityParts;
let issuer: SessionIssuer;
/** As two-factor's log has it when the session is stored. */
let enrolment: EnrolmentStatus;

beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  const { ask } = scriptedBus({
    [twoFactorRequests.describeAccounts.pattern]: () => ({
      accounts: [
        {
          accountId: 'a1',
          lockedAt: null,
          lockEndsAt: null,
          failedAttempts: 0,
          graceEndsAt: null,
          twoFactor: { status: enrolment, backupCodesLeft: 10 },
        },
      ],
    }),
  }).join('identity', parts.engine);
  const { sessions, accounts, portals, requirements, directory, keys, clock } = parts;
  const descriptions = new Descriptions(new Requests(ask), accounts, portals, requirements, parts.sso, clock);
  issuer = new SessionIssuer(sessions, accounts, descriptions, directory, keys, clock);
  await parts.register(alice, 'alice');
});
afterEach(() => parts.close());

const proof = { passwordAt: null, authenticatorId: null };
const logIn = (limit: { enrolmentRequired?: true }) =>
  issuer.issue(alice, { method: 'password', proof, epoch: 0, context, ...limit });
const sessions = async () => {
  const all = await parts.engine.records<StoredSession>('sessions').list({});
  return { all: all.length, open: all.filter(({ value }) => value.endedAt === null).length };
};

test('R37 a login in flight that is to set up 2FA has no session when it is set up meanwhile', async () => {
  enrolment = 'pending';
  await logIn({ enrolmentRequired: true });
  enrolment = 'enabled';
  await expect(logIn({ enrolmentRequired: true })).rejects.toMatchObject({ code: 'invalid-credentials' });
  expect(await sessions()).toEqual({ all: 2, open: 1 });
  await logIn({});
  expect(await sessions()).toEqual({ all: 3, open: 2 });
});
