import type { Engine, Records } from '#libs/engine/src/port.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import type { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CreatePortal, CreatePortalHandler } from '../portals/create-portal.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';

const portal = 'demo';
const ref = { portal, accountId: 'a1' };
const ring = [newRingKey('k1')];
const MINUTE = 60_000;
/** The portal, a note, the name. */
const WRITES_BEFORE_ITS_ACCOUNT = 3;
const person = { username: 'alice', externalId: 'e1', type: 'power-reader' } as const;

/** Of each process so far. */
let begun: IdentityParts[];
/** Of the one that lives now. */
let parts: IdentityParts;
let now: number;
beforeEach(async () => {
  now = 0;
  parts = await openIdentityParts(openEmbeddedEngine, ring);
  begun = [parts];
  await parts.portals.execute(portal, context, { type: 'Create', administrator: 'somebody' });
  await parts.sso.adopt(portal, 1, {
    issuer: 'https://idp.example',
    audience: 'a',
    jwksUri: 'https://idp.example/jwks',
  });
});
afterEach(async () => {
  for (const each of begun.reverse()) await each.close();
});

function pass(ms: number): void {
  now += ms;
  parts.pass(ms);
}

/** The engine of a process that is killed after so many writes; `whenKilled` is called then. */
function mortal(engine: Engine, writes: number, whenKilled: () => void): Engine {
  const changing = new Set(['put', 'create', 'replace', 'delete', 'remove', 'write', 'append']);
  const living = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function' || !changing.has(String(name))) return member;
        return (...given: unknown[]): unknown => {
          if ((writes -= 1) >= 0) return Reflect.apply(member, target, given) as unknown;
          whenKilled();
          return new Promise(() => {});
        };
      },
    });
  return {
    ...engine,
    log: living(engine.log),
    records: <Value>(name: string): Records<Value> => living(engine.records<Value>(name)),
    check: () => engine.check(),
    close: async () => {},
  };
}

/** The next process, on what those before have stored. */
async function begin(writes = Infinity, whenKilled = () => {}): Promise<IdentityParts> {
  const next = await openIdentityParts(async () => mortal(begun[0]!.engine, writes, whenKilled), ring);
  begun.push(next);
  next.pass(now);
  return next;
}

/** In a process that is killed after so many writes. True: it was done before. */
async function cutOff(writes: number, work: (dying: IdentityParts) => Promise<unknown>): Promise<boolean> {
  let kill = (): void => {};
  const killed = new Promise<boolean>((resolve) => (kill = () => resolve(false)));
  const dying = await begin(writes, kill);
  const done = await Promise.race([work(dying).then(() => true), killed]);
  parts = await begin();
  return done;
}

async function left(): Promise<unknown[]> {
  const collections = ['usernames', 'external-ids', 'sso-subjects', 'claims-under-way'];
  const stored = await Promise.all(collections.map((name) => parts.engine.records(name).list({})));
  return stored.flatMap((records, at) => records.map(({ key }) => `${collections[at]} ${key.join('/')}`));
}

async function sweepLater(): Promise<void> {
  pass(MINUTE);
  for (const claims of parts.claims) await claims.finishAll();
}

/** For each write, a kill before it. */
async function afterEachKill(
  work: (dying: IdentityParts) => Promise<unknown>,
  check: (writes: number) => Promise<void>,
): Promise<void> {
  for (let writes = 0, done = false; !done; writes += 1) {
    done = await cutOff(writes, work);
    await check(writes);
  }
}

const names = async () => {
  const found = await Promise.all(['alice', 'carol'].map((name) => parts.usernames.find(portal, name)));
  return found.flatMap((account) => account?.accountId ?? []);
};

describe('R42 of a deleted account no claim is left', () => {
  const change = { username: 'carol', externalId: 'e2', ssoSubject: 's2' };
  const deleteIt = async (accountId: string) => {
    await parts.accounts.execute({ portal, accountId }, context, { type: 'Suspend' });
    await parts.deletions.delete({ portal, accountId }, context);
  };

  test.each([
    ['at once', 0],
    ['later', MINUTE],
  ])('where a change of it was killed, and it is deleted %s', async (_, ms) => {
    await afterEachKill(
      async ({ registrations, changer, accounts }) => {
        const { ref: made } = await registrations.registerNew(portal, person, context);
        await changer.record(await accounts.get(made), change, context);
      },
      async () => {
        pass(ms);
        const [accountId] = await names();
        if (accountId !== undefined) {
          await deleteIt(accountId);
          expect((await left()).filter((one) => !String(one).startsWith('claims-under-way'))).toEqual([]);
        }
        await sweepLater();
        // a name that was reserved for an account that there is not is given to the next who asks for it
        const reserved = await parts.engine.records<{ reservedAt?: number }>('usernames').list({});
        for (const { key } of reserved.filter(({ value }) => value.reservedAt)) {
          await parts.engine.records('usernames').delete(key);
        }
        expect(await left()).toEqual([]);
      },
    );
  });

  test('where a registration was killed, and the next one for its name has another external id', async () => {
    await afterEachKill(
      ({ registrations }) => registrations.registerNew(portal, person, context),
      async () => {
        let accountId = (await parts.usernames.find(portal, person.username))?.accountId;
        if (accountId === undefined) {
          const again = await parts.registrations.registerNew(portal, { ...person, externalId: 'e2' }, context);
          accountId = again.ref.accountId;
        }
        await deleteIt(accountId);
        await sweepLater();
        expect(await left()).toEqual([]);
      },
    );
  });

  test('where the making of its portal was killed, and the next call has another name', async () => {
    const create = ({ portals, accounts, usernames, newAccount }: IdentityParts, username: string) => {
      const effects = { reached: async () => {} } as unknown as Effects;
      const admin = { username, password: 'a long password' };
      const handler = new CreatePortalHandler(portals, accounts, usernames, newAccount, effects);
      return handler.execute(new CreatePortal({ id: 'new', admin, context }));
    };
    await cutOff(WRITES_BEFORE_ITS_ACCOUNT, (dying) => create(dying, 'alice'));
    await create(parts, 'carol');
    const { accountId } = (await parts.usernames.find('new', 'carol'))!;
    await parts.accounts.execute({ portal: 'new', accountId }, context, { type: 'Suspend' });
    await parts.deletions.delete({ portal: 'new', accountId }, context);
    await sweepLater();
    expect(await left()).toEqual([]);
  });

  test('where whoever catches up with the log has read it before', async () => {
    await parts.usernames.reserve(ref, person.username);
    await parts.register(ref, person.username);
    const before = await parts.accounts.get(ref);
    await deleteIt(ref.accountId);
    await parts.usernames.restore(before);
    expect(await left()).toEqual([]);
  });

  test('where whoever catches up with the log puts it back at that moment', async () => {
    await parts.usernames.reserve(ref, person.username);
    await parts.register(ref, person.username);
    const before = await parts.accounts.get(ref);
    const find = parts.accounts.find.bind(parts.accounts);
    let restoring = false;
    parts.accounts.find = async (asked) => {
      const found = await find(asked);
      if (found === null && !restoring) {
        restoring = true;
        await parts.usernames.restore(before);
      }
      return found;
    };
    await deleteIt(ref.accountId);
    expect(await left()).toEqual([]);
  });
});

test('a change that was killed is settled within two minutes: the account has what its events say, and nothing else', async () => {
  await afterEachKill(
    async ({ registrations, changer, accounts }) => {
      const known = (await parts.usernames.find(portal, 'alice')) ?? (await parts.usernames.find(portal, 'carol'));
      const made = known ?? (await registrations.registerNew(portal, person, context)).ref;
      const { profile } = await accounts.get(made);
      await changer.record(
        await accounts.get(made),
        { username: profile.username === 'alice' ? 'carol' : 'alice', externalId: 'e2' },
        context,
      );
    },
    async () => {
      await sweepLater();
      const claimed = await parts.engine.records<{ accountId: string }>('usernames').list({});
      expect(claimed.length).toBeLessThanOrEqual(1);
      expect(await parts.engine.records('claims-under-way').list({})).toEqual([]);
      for (const { value } of claimed) {
        const account = await parts.accounts.find({ portal, accountId: value.accountId });
        if (account) expect(await names()).toEqual([value.accountId]);
      }
    },
  );
});
