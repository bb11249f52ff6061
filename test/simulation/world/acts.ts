import { base32 } from '@scure/base';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import { endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { serviceScope } from '#libs/contracts/src/primitives.js';
import { type Cast, OPERATOR_TOKEN, type Person, secretOf, type Service } from './cast.js';
import type { Told } from './reading.js';
import { CommandKey } from './signing.js';
import type { Answer, Call } from './world.js';

/** What the OpenID Provider asks of identity, which is no part of a world, of a gateway whose word it has proved (R34). */
export const asks = {
  handOver: identityRequests.handOver,
  proveHandOver: identityRequests.proveHandOver,
  answerHandOver: identityRequests.answerHandOver,
  endHandOver: identityRequests.endHandOver,
} as const;
/** The same as a call of nobody's. */
const asked = (name: keyof typeof asks) =>
  endpoint('identity', name, `POST /${name}`, { summary: asks[name].summary, allow: ['public'] });
const askedCalls = {
  handOver: asked('handOver'),
  proveHandOver: asked('proveHandOver'),
  answerHandOver: asked('answerHandOver'),
  endHandOver: asked('endHandOver'),
};

export const calls = {
  ...identityEndpoints,
  ...twoFactorEndpoints,
  ...adminPolicyEndpoints,
  ...auditEndpoints,
  ...askedCalls,
};
export type CallName = keyof typeof calls;

/** One attempt of somebody to do something. */
export interface Act {
  readonly call: Omit<Call, 'endpoint'>;
  /** Who acts, and on whose account, as far as the world knows. */
  readonly by?: Person | Service | 'operator' | undefined;
  readonly on?: Person | undefined;
  /** What whoever asked knows by the answer. */
  readonly learn?: (body: never, answer: Answer) => void;
}
interface Acting {
  readonly weight: number;
  /** Undefined: it cannot be done yet. */
  readonly make: (cast: Cast) => Act | undefined;
}

const passwords = ['first password', 'second password', 'third password'];

/** By one of their sessions; most often the newest. */
const sessionOf = (cast: Cast, { sessions }: Person) =>
  sessions.length === 0 || cast.random.chance(0.8) ? sessions.at(-1) : cast.random.pick(sessions);
const anybody = (cast: Cast) => (cast.people.length === 0 ? undefined : cast.random.pick(cast.people));
/** Somebody for whom it matters, if there is one; else anybody. */
const somebody = (cast: Cast, matters: ((person: Person) => boolean) | undefined, often = 0.6) => {
  const those = matters ? cast.people.filter(matters) : [];
  return those.length > 0 && cast.random.chance(often) ? cast.random.pick(those) : anybody(cast);
};
const isBarred = ({ locked, suspended }: Person) => locked || suspended;
const isNotable = (person: Person) => isBarred(person) || person.isBack;
export const hasBrowser = ({ browserTokens }: Person) => browserTokens.length > 0;

/** By somebody for whom it makes sense, most often. */
const mine = (
  weight: number,
  more: (cast: Cast, person: Person) => Partial<Act> = () => ({}),
  makesSense: (person: Person, cast: Cast) => boolean = () => true,
): Acting => ({
  weight,
  make: (cast) => {
    const able = cast.people.filter((one) => one.sessions.length > 0 && makesSense(one, cast));
    const person = able.length > 0 && cast.random.chance(0.9) ? cast.random.pick(able) : anybody(cast);
    const token = person && sessionOf(cast, person);
    if (!person || token === undefined) return undefined;
    const { call, ...act } = more(cast, person);
    return { by: person, on: person, ...act, call: { token, ...call } };
  },
});
const hasNone = ({ apps, pending }: Person) => apps.length === 0 && pending === undefined;
const hasPending = ({ pending }: Person) => pending !== undefined;
const hasSome = ({ apps }: Person) => apps.length > 0;
/** Whoever has one, and more often whoever has more. */
const hasMany = ({ apps }: Person, { random }: Cast) => apps.length > (random.chance(0.5) ? 1 : 0);
/** Secrets that are no more are forgotten, or tried all the same. */
const forget = ({ random }: Cast, { apps }: Person) => {
  if (random.chance(0.6)) apps.length = 0;
};

const publicly = (
  weight: number,
  more: (cast: Cast, person: Person) => Act | undefined,
  matters?: (person: Person) => boolean,
): Acting => ({
  weight,
  make: (cast) => {
    const person = somebody(cast, matters, 0.3);
    return person && more(cast, person);
  },
});

/** By an administrator, most often of the same portal; by others now and then, who are to be refused. */
const administering = (
  weight: number,
  more: (cast: Cast, person: Person) => Partial<Act> = () => ({}),
  others: readonly ('operator' | (typeof serviceScope.options)[number])[] = [],
  matters?: (person: Person) => boolean,
): Acting => ({
  weight,
  make: (cast) => {
    const { random } = cast;
    const person = somebody(cast, matters);
    if (!person) return undefined;
    const by = actorFor(cast, person.portal, others);
    if (!by) return undefined;
    const { call, ...act } = more(cast, person);
    const account = person.externalId !== undefined && random.chance(0.3) ? `external:${person.externalId}` : person.id;
    const params = { portal: person.portal, account, ...call?.params };
    return { by: by.who, on: person, ...act, call: { token: by.token, ...call, params } };
  },
});

function actorFor(cast: Cast, portal: string, others: readonly string[]) {
  const { random } = cast;
  if (others.includes('operator') && random.chance(0.3)) return { who: 'operator' as const, token: OPERATOR_TOKEN };
  const services = cast.services.filter(
    ({ scopes }) => random.chance(0.1) || scopes.some((scope) => others.includes(scope)),
  );
  if (services.length > 0 && random.chance(0.4)) {
    const service = random.pick(services);
    return { who: service, token: service.token };
  }
  const administrators = cast.people.filter(
    (one) => one.sessions.length > 0 && (random.chance(0.05) || (one.admin && one.portal === portal)),
  );
  if (administrators.length === 0) return undefined;
  const administrator = random.pick(administrators);
  return { who: administrator, token: sessionOf(cast, administrator)! };
}

const inPortal = (
  weight: number,
  more: (cast: Cast, portal: string) => Partial<Act>,
  others: readonly string[] = [],
): Acting => ({
  weight,
  make: (cast) => {
    const portal = cast.random.pick(cast.portals);
    const by = actorFor(cast, portal, others);
    if (!by) return undefined;
    const { call, ...act } = more(cast, portal);
    return { by: by.who, ...act, call: { token: by.token, ...call, params: { portal, ...call?.params } } };
  },
});

const began = (person: Person) => ({
  learn: ({ otpauthUri, setupId }: { otpauthUri: string; setupId: string }) => {
    person.pending = { authenticatorId: setupId, secret: secretOf(otpauthUri) };
  },
});
const confirmed = (cast: Cast, person: Person) => ({
  call: {
    body: {
      code: cast.code(person, person.pending),
      ...(person.pending && cast.random.chance(0.5) && { setupId: person.pending.authenticatorId }),
    },
  },
  learn: ({ backupCodes }: { backupCodes?: string[] }) => {
    if (person.pending) person.apps.push(person.pending);
    person.pending = undefined;
    if (backupCodes) person.backupCodes = backupCodes;
  },
});
const oneCode = (cast: Cast, person: Person) =>
  person.backupCodes.length > 0 && cast.random.chance(0.15)
    ? { backupCode: cast.random.pick(person.backupCodes) }
    : { code: cast.code(person) };
interface LoginAnswer {
  readonly accessToken?: string;
  readonly challenge?: string;
  readonly browserToken?: string;
}
const loggedIn = (person: Person) => ({
  learn: ({ accessToken, challenge, browserToken }: LoginAnswer) => {
    if (accessToken !== undefined) person.sessions.push(accessToken);
    if (challenge !== undefined) person.challenges.push(challenge);
    if (browserToken !== undefined) person.browserTokens.push(browserToken);
  },
});
/** Most often the newest token; an older one, or somebody else's, now and then. */
const browserOf = ({ random, people }: Cast, { browserTokens }: Person) => {
  const others = random.chance(0.05) ? random.pick(people).browserTokens : browserTokens;
  if (others.length === 0 || random.chance(0.2)) return {};
  return { browserToken: random.chance(0.75) ? others.at(-1)! : random.pick(others) };
};
export const login = (cast: Cast, person: Person): Act => {
  const { random } = cast;
  const password = person.password !== undefined && random.chance(0.9) ? person.password : random.pick(passwords);
  const { portal, username } = person;
  return {
    on: person,
    call: { body: { portal, username, password, ...browserOf(cast, person) } },
    ...loggedIn(person),
  };
};
const seesBrowsers = ({ browserIds }: Person) => browserIds.length > 0;
const knowsBrowsers = (person: Person) => ({
  learn: ({ browsers }: { browsers: { id: string }[] }) => void person.browserIds.push(...browsers.map(({ id }) => id)),
});
const oneBrowser = ({ random }: Cast, { browserIds }: Person) => ({
  call: { params: { browser: browserIds.length > 0 ? random.pick(browserIds.slice(-3)) : 'none' } },
});
const isHandedOver = ({ handOvers }: Person) => handOvers.length > 0;
const handOverOf = ({ random }: Cast, { portal, id: accountId, handOvers }: Person) =>
  handOvers.length === 0
    ? undefined
    : { portal, accountId, sessionId: random.chance(0.8) ? handOvers.at(-1)! : random.pick(handOvers) };
const registered = (
  cast: Cast,
  portal: string,
  account: { username: string; password?: string; externalId?: string; admin?: boolean },
) => ({
  learn: ({ id }: { id: string }) => void cast.person(id, portal, account),
});

/** What is done in a world, of all that the API offers: a call that is missing here does not compile. */
export const acts: Readonly<Record<CallName, Acting | string>> = {
  createPortal: 'done when the world is made',
  getInstallation: { weight: 0.5, make: () => ({ by: 'operator', call: { token: OPERATOR_TOKEN } }) },
  listSigningKeys: { weight: 0.2, make: () => ({ by: 'operator', call: { token: OPERATOR_TOKEN } }) },
  rotateSigningKeys: {
    weight: 0.2,
    make: ({ random }) => ({
      by: 'operator',
      call: { token: OPERATOR_TOKEN, body: random.chance(0.3) ? { now: true } : {} },
    }),
  },
  listPortals: { weight: 1, make: () => ({ by: 'operator', call: { token: OPERATOR_TOKEN } }) },
  grantAddOn: inPortal(6, () => ({ by: 'operator', call: { token: OPERATOR_TOKEN } })),
  revokeAddOn: inPortal(1, () => ({ by: 'operator', call: { token: OPERATOR_TOKEN } })),
  issueServiceToken: inPortal(1, (cast, portal) => {
    const scopes = serviceScope.options.filter(() => cast.random.chance(0.4));
    const key = cast.random.chance(0.7) ? new CommandKey(cast.random) : undefined;
    return {
      by: 'operator',
      call: { token: OPERATOR_TOKEN, body: { name: 'a service', scopes, ...(key && { publicKey: key.jwk }) } },
      learn: ({ id, token }: { id: string; token: string }) => cast.service({ id, portal, token, scopes }, key),
    };
  }),
  listServiceTokens: inPortal(1, () => ({}), ['operator']),
  revokeServiceToken: inPortal(0.3, (cast, portal) => {
    const services = cast.services.filter((service) => service.portal === portal);
    const token = services.length > 0 ? cast.random.pick(services).id : 'none';
    return { by: 'operator', call: { token: OPERATOR_TOKEN, params: { token } } };
  }),
  registerClient: inPortal(0.2, () => ({
    by: 'operator',
    call: { token: OPERATOR_TOKEN, body: { name: 'an application', redirectUris: ['https://app.example/callback'] } },
  })),
  listClients: inPortal(0.3, () => ({}), ['operator']),
  removeClient: inPortal(0.1, () => ({ by: 'operator', call: { token: OPERATOR_TOKEN, params: { client: 'none' } } })),
  getSettings: inPortal(1, () => ({})),
  changeSettings: inPortal(2, ({ random }) => ({
    call: {
      body: {
        enabled: random.chance(0.85),
        maxFailedAttempts: random.pick([1, 2, 3, 5, 5]),
        ...(random.chance(0.5) && { lockMinutes: random.pick([0, 1, 1, 2, 1_440]) }),
        ...(random.chance(0.5) && { required: random.chance(0.5), graceDays: random.pick([0, 0, 1]) }),
        ...(random.chance(0.5) && { rememberDays: random.pick([0, 1, 30, 90]) }),
      },
    },
  })),
  getSso: inPortal(0.5, () => ({})),
  changeSso: inPortal(0.5, ({ provider, random }, portal) => ({
    call: {
      body: {
        ...provider.settings(portal),
        ...(random.chance(0.2) && { issuer: 'https://other.example' }),
        ...(random.chance(0.3) && { clientSecret: 'a secret' }),
      },
    },
  })),
  removeSso: inPortal(0.05, () => ({})),
  getSsoProvider: publicly(0.3, (_, { portal }) => ({ call: { params: { portal } } })),
  getProfile: inPortal(0.5, () => ({})),
  changeProfile: inPortal(0.5, ({ random }) => ({ call: { body: { issuer: random.pick(['Acme', 'Globex', null]) } } })),
  portalProfile: publicly(0.5, (_, { portal }) => ({ call: { params: { portal } } })),
  unlock: administering(
    12,
    () => ({}),
    ['operator', 'commands'],
    ({ locked }) => locked,
  ),
  disableTwoFactor: administering(1, () => ({}), ['operator', 'commands']),
  registerAccount: inPortal(
    3,
    (cast, portal) => {
      const { random } = cast;
      const account = {
        username: cast.name(),
        type: random.chance(0.85) ? 'contributor' : 'power-reader',
        ...(random.chance(0.7) && { password: random.pick(passwords) }),
        ...(random.chance(0.3) && { externalId: `e${random.below(8)}` }),
        ...(random.chance(0.2) && { admin: true }),
      };
      return cast.people.length > 24 && random.chance(0.8)
        ? { call: { body: {} } }
        : { call: { body: account }, ...registered(cast, portal, account) };
    },
    ['accounts'],
  ),
  registerBatch: inPortal(
    0.5,
    (cast, portal) => {
      const accounts = [0, 1].map(() => ({
        username: cast.name(),
        type: 'contributor',
        externalId: `e${cast.random.below(8)}`,
      }));
      return {
        call: { body: { accounts } },
        learn: ({ results }: { results: { id?: string; outcome: string }[] }) => {
          for (const [at, { id, outcome }] of results.entries()) {
            if (id !== undefined && outcome === 'created') cast.person(id, portal, accounts[at]!);
          }
        },
      };
    },
    ['accounts'],
  ),
  importAccounts: inPortal(0.7, (cast, portal) => {
    const { random } = cast;
    const secret = Buffer.alloc(20);
    random.fill(secret);
    const account = { username: cast.name(), externalId: `e${random.below(8)}`, type: 'contributor' };
    const line = { ...account, totp: [{ secret: base32.encode(secret) }] };
    return {
      by: 'operator',
      call: { token: OPERATOR_TOKEN, lines: [JSON.stringify(line)] },
      learn: ([{ id, outcome } = { outcome: 'none' }]: { id?: string; outcome: string }[]) => {
        if (id !== undefined && outcome === 'created') {
          cast.person(id, portal, account).apps.push({ authenticatorId: 'imported', secret });
        }
      },
    };
  }),
  listAccounts: inPortal(
    2,
    ({ random }) => ({
      call: {
        query: random.pick<Record<string, string>>([
          {},
          { status: 'locked' },
          { twoFactor: 'enabled' },
          { sort: '-lastLoginAt' },
          { query: 'person-1' },
        ]),
      },
    }),
    ['operator', 'accounts'],
  ),
  getTwoFactorSummary: inPortal(1, () => ({}), ['operator']),
  getAccount: administering(3, () => ({}), ['accounts']),
  changeAccount: administering(
    2,
    ({ random, ...cast }, person) => {
      void cast;
      const body = random.pick<Record<string, unknown>>([
        { displayName: 'Somebody' },
        { type: 'power-reader' },
        { type: 'contributor' },
        { admin: true },
        { admin: false },
        { username: `renamed-${random.below(20)}` },
        { ssoSubject: `subject-${random.below(4)}` },
        { ssoSubject: `subject-${random.below(4)}` },
      ]);
      return {
        call: { body },
        learn: ({ username }: { username: string }) => {
          person.username = username;
          if (typeof body.ssoSubject === 'string') person.subject = body.ssoSubject;
        },
      };
    },
    ['accounts'],
  ),
  issueLoginToken: administering(1, (_, person) => ({
    learn: ({ token }: { token: string }) => void person.loginTokens.push(token),
  })),
  issuePasswordLink: administering(
    1,
    (_, person) => ({ learn: ({ url }: { url: string }) => void person.links.push(url.split('#')[1] ?? '') }),
    ['operator'],
  ),
  redeemPasswordLink: publicly(1, ({ random }, person) => {
    if (person.links.length === 0) return undefined;
    const password = random.pick(passwords);
    return {
      on: person,
      call: { body: { token: random.pick(person.links), password } },
      learn: () => void (person.password = password),
    };
  }),
  suspendAccount: administering(
    2.5,
    () => ({}),
    ['accounts'],
    ({ challenges }) => challenges.length > 0,
  ),
  resumeAccount: administering(
    6,
    () => ({}),
    ['accounts'],
    ({ suspended }) => suspended,
  ),
  deleteAccount: administering(0.8, () => ({}), ['operator', 'erasure']),
  listSessions: administering(1, (_, person) => ({
    learn: ({ sessions }: { sessions: { id: string }[] }) =>
      void person.sessionIds.push(...sessions.map(({ id }) => id)),
  })),
  endSessions: administering(0.5),
  endSession: administering(0.5, ({ random }, { sessionIds }) => ({
    call: { params: { session: sessionIds.length > 0 ? random.pick(sessionIds) : 'none' } },
  })),
  listBrowsers: administering(0.5, (_, person) => knowsBrowsers(person), [], hasBrowser),
  forgetBrowsers: administering(0.3),
  forgetBrowser: administering(0.3, oneBrowser, [], seesBrowsers),
  myBrowsers: mine(1, (_, person) => knowsBrowsers(person), hasBrowser),
  forgetMyBrowsers: mine(0.3),
  forgetMyBrowser: mine(0.3, oneBrowser, seesBrowsers),
  me: mine(6),
  mySessions: mine(1),
  endMyOtherSessions: mine(0.5),
  endMySession: mine(0.5, ({ random }, { sessionIds }) => ({
    call: { params: { session: sessionIds.length > 0 ? random.pick(sessionIds) : 'none' } },
  })),
  changePassword: mine(0.7, ({ random }, person) => {
    const password = random.pick(passwords);
    return {
      call: { body: { current: person.password ?? passwords[0], new: password } },
      learn: () => void (person.password = password),
    };
  }),
  reAuthenticate: mine(6, (cast, person) => ({
    call: { body: { password: person.password ?? passwords[0], ...(person.apps.length > 0 && oneCode(cast, person)) } },
  })),
  login: publicly(20, login, (person) => isNotable(person) || hasBrowser(person)),
  loginWithCode: publicly(
    25,
    (cast, person) => {
      if (person.challenges.length === 0) return undefined;
      const challenge = cast.random.chance(0.8) ? person.challenges.at(-1)! : cast.random.pick(person.challenges);
      const remember = cast.random.chance(0.7) ? { remember: true } : {};
      return { on: person, call: { body: { challenge, ...oneCode(cast, person), ...remember } }, ...loggedIn(person) };
    },
    isNotable,
  ),
  loginWithToken: publicly(1, ({ random }, person) =>
    person.loginTokens.length === 0
      ? undefined
      : {
          on: person,
          call: { body: { portal: person.portal, token: random.pick(person.loginTokens) } },
          ...loggedIn(person),
        },
  ),
  loginWithSso: publicly(
    3,
    ({ random, provider, time }, person) => {
      const { portal, subject = 'nobody', idTokens } = person;
      const again = idTokens.length > 0 && random.chance(0.2) ? random.pick(idTokens) : undefined;
      const { idToken, flaw } =
        again === undefined ? provider.token(random, portal, subject, time) : { idToken: again };
      if (flaw === undefined) idTokens.push(idToken);
      return { on: person, call: { body: { portal, idToken }, flaw }, ...loggedIn(person) };
    },
    ({ subject }) => subject !== undefined,
  ),
  handOver: publicly(
    7,
    ({ random, time }, person) => {
      const { portal, id, externalId } = person;
      const account = externalId !== undefined && random.chance(0.4) ? `external:${externalId}` : id;
      const provedAt = new Date(time - random.pick([0, 0, 1_000, 40_000, 90_000])).toISOString();
      const purpose = random.pick(['pass', 'manage'] as const);
      return {
        on: person,
        call: { body: { portal, account, clientId: 'gateway', purpose, provedAt } },
        learn: ({ accessToken, sessionId }: { accessToken: string; sessionId: string }) => {
          person.sessions.push(accessToken);
          person.handOvers.push(sessionId);
        },
      };
    },
    ({ password, admin }) => password === undefined && !admin,
  ),
  proveHandOver: publicly(
    7,
    (cast, person) => {
      const handOver = handOverOf(cast, person);
      return handOver && { on: person, call: { body: { ...handOver, ...oneCode(cast, person) } } };
    },
    isHandedOver,
  ),
  answerHandOver: publicly(
    1.5,
    (cast, person) => {
      const body = handOverOf(cast, person);
      return body && { on: person, call: { body } };
    },
    isHandedOver,
  ),
  endHandOver: publicly(
    1,
    (cast, person) => {
      const body = handOverOf(cast, person);
      return body && { on: person, call: { body } };
    },
    isHandedOver,
  ),
  startSsoLogin: publicly(
    2,
    ({ provider }, person) => ({
      on: person,
      call: { body: { portal: person.portal } },
      learn: ({ authorizationUrl, ssoLogin }: { authorizationUrl: string; ssoLogin: string }) => {
        const answer = provider.authorize(authorizationUrl, person.subject ?? 'nobody');
        person.ssoLogins.push({ ssoLogin, answer });
      },
    }),
    ({ subject }) => subject !== undefined,
  ),
  completeSsoLogin: publicly(
    2,
    ({ random, people }, person) => {
      if (person.ssoLogins.length === 0) return undefined;
      const { ssoLogin, answer } = random.pick(person.ssoLogins);
      const others = people.flatMap(({ ssoLogins }) => ssoLogins).filter((one) => one.ssoLogin !== ssoLogin);
      const isFlawed = others.length > 0 && random.chance(0.3);
      const other = isFlawed ? random.pick(others).answer : undefined;
      const own = { portal: person.portal, ssoLogin, ...answer };
      const body = random.pick([
        { ...own, ...other },
        { ...own, ...(other && { code: other.code }) },
        { ...own, ...(other && { iss: 'https://other.example' }) },
        { ...own, ...(other && { portal: 'another' }) },
      ]);
      return { on: person, call: { body, ...(other && { flaw: 'of another login' as const }) }, ...loggedIn(person) };
    },
    ({ ssoLogins }) => ssoLogins.length > 0,
  ),
  logout: mine(0.5),
  myTwoFactor: mine(2),
  setUp: mine(9, (_, person) => began(person), hasNone),
  confirm: mine(14, confirmed, hasPending),
  disableMine: mine(0.6, (cast, person) => ({ learn: () => forget(cast, person) }), hasSome),
  reset: mine(
    1.2,
    (cast, person) => {
      const { learn } = began(person);
      return {
        learn: (body: never) => {
          forget(cast, person);
          learn(body);
        },
      };
    },
    hasSome,
  ),
  issueBackupCodes: mine(
    1,
    (_, person) => ({
      learn: ({ backupCodes }: { backupCodes: string[] }) => void (person.backupCodes = backupCodes),
    }),
    hasSome,
  ),
  myAuthenticators: mine(1),
  addTotp: mine(6, (_, person) => ({ call: { body: { name: 'One more' } }, ...began(person) }), hasMany),
  confirmTotp: mine(9, confirmed, hasPending),
  renameAuthenticator: mine(0.5, ({ random }, { apps }) => ({
    call: {
      params: { authenticatorId: apps.length > 0 ? random.pick(apps).authenticatorId : 'none' },
      body: { name: 'Renamed' },
    },
  })),
  removeAuthenticator: mine(
    1,
    ({ random }, { apps }) => ({
      call: { params: { authenticatorId: apps.length > 0 ? random.pick(apps).authenticatorId : 'none' } },
    }),
    hasSome,
  ),
  openChallenge: {
    weight: 12,
    make: (cast) => {
      const enrolled = cast.people.filter(hasSome);
      const person = enrolled.length > 0 && cast.random.chance(0.8) ? cast.random.pick(enrolled) : anybody(cast);
      const services = cast.services.filter(
        ({ scopes, portal }) => scopes.includes('challenges') && portal === person?.portal,
      );
      if (!person || services.length === 0) return undefined;
      const service = cast.random.pick(services);
      return {
        by: service,
        on: person,
        call: { token: service.token, params: { portal: person.portal }, body: { accountId: person.id } },
        learn: ({ challenge }: { challenge?: string }) => {
          if (challenge !== undefined) service.challenges.push({ challenge, person });
        },
      };
    },
  },
  verifyChallenge: {
    weight: 25,
    make: (cast) => {
      const services = cast.services.filter(({ challenges }) => challenges.length > 0);
      if (services.length === 0) return undefined;
      const service = cast.random.pick(services);
      const ofNotable = service.challenges.filter(({ person }) => isNotable(person));
      const some = ofNotable.length > 0 && cast.random.chance(0.3) ? ofNotable : service.challenges;
      const { challenge, person } = cast.random.chance(0.7) ? some.at(-1)! : cast.random.pick(some);
      return { by: service, on: person, call: { token: service.token, body: { challenge, ...oneCode(cast, person) } } };
    },
  },
  listEvents: inPortal(1, () => ({}), ['events']),
  streamEvents: inPortal(
    2,
    ({ random, cursors }, portal) => {
      const left = cursors.get(portal) ?? [];
      const lastEventId = left.length > 0 && random.chance(0.6) ? random.pick(left) : undefined;
      return {
        call: { readFor: random.fraction() * 60_000, ...(lastEventId !== undefined && { lastEventId }) },
        learn: ({ told }: { told: readonly Told[] }) => {
          const last = told.at(-1);
          if (last) cursors.set(portal, [...left.slice(-3), last.cursor]);
        },
      };
    },
    ['events'],
  ),
  exportEvents: inPortal(0.3, () => ({}), ['events']),
};
