import type { Observation } from './history.js';
import { type Act, acts, asks, type CallName, calls, hasBrowser, login } from './acts.js';
import { codeAt } from '#test/support/people/authenticator.js';
import { Cast, OPERATOR_TOKEN, type Person, secretOf } from './cast.js';
import { readFor } from './reading.js';
import { isCommandToo, signedAct } from './signed-acts.js';
import { CommandKey } from './signing.js';
import type { Answer, World } from './world.js';

const doable = Object.entries(acts).flatMap(([name, act]) =>
  typeof act === 'string' ? [] : [{ name: name as CallName, ...act }],
);
const registering: readonly CallName[] = ['registerAccount', 'registerBatch', 'importAccounts'];
const endingBrowsers: readonly CallName[] = [
  ...(['confirmTotp', 'removeAuthenticator', 'reset', 'disableMine', 'disableTwoFactor', 'changePassword'] as const),
  ...(['redeemPasswordLink', 'changeAccount', 'changeSettings', 'forgetMyBrowsers', 'forgetBrowsers'] as const),
];
const commands = doable.filter(({ name }) => isCommandToo(name));

/** Makes portals with an administrator each, the add-on and 2FA on, people with 2FA and a remembered browser, and a service of each kind. */
export async function populate(world: World, tell: (observed: Observation) => void): Promise<Cast> {
  const cast = new Cast(world.random.of(0), world.provider, () => world.scheduler.now);
  const done = async (name: CallName, act: Act) => {
    const answer = await perform(world, name, act, tell);
    if (answer.status >= 300) throw new Error(`the world cannot be made: ${name} answered ${JSON.stringify(answer)}`);
    return answer.body as Record<string, string | undefined>;
  };
  const operator = OPERATOR_TOKEN;
  for (const portal of ['one', 'two']) {
    const password = 'first password';
    await done('createPortal', {
      call: { token: operator, body: { id: portal, admin: { username: 'admin', password } } },
    });
    const { accessToken = '' } = await done('login', { call: { body: { portal, username: 'admin', password } } });
    const { id = '' } = await done('me', { call: { token: accessToken } });
    cast.person(id, portal, { username: 'admin', password, admin: true }).sessions.push(accessToken);
    cast.portals.push(portal);
    await done('grantAddOn', { call: { token: operator, params: { portal } } });
    await done('changeSettings', {
      call: {
        token: accessToken,
        params: { portal },
        body: { enabled: true, maxFailedAttempts: 5, rememberDays: 30 },
      },
    });
    await done('changeSso', {
      call: { token: accessToken, params: { portal }, body: world.provider.settings(portal) },
    });
    const watcher = { name: 'whoever watches', scopes: ['events'] };
    const { token = '' } = await done('issueServiceToken', {
      call: { token: operator, params: { portal }, body: watcher },
    });
    cast.watchers.set(portal, token);
    for (const username of ['ada', 'bob', 'cyd']) {
      const body = { username, password, type: 'contributor' };
      const { id: account = '' } = await done('registerAccount', {
        call: { token: accessToken, params: { portal }, body },
      });
      const person = cast.person(account, portal, { username, password });
      const logIn = { on: person, call: { body: { portal, username, password } } };
      const { accessToken: token = '' } = await done('login', logIn);
      person.sessions.push(token);
      if (username === 'cyd') continue;
      const { otpauthUri = '', setupId: authenticatorId = '' } = await done('setUp', { call: { token } });
      const app = { authenticatorId, secret: secretOf(otpauthUri) };
      const code = (windowsAhead: number) =>
        codeAt(app.secret, Math.floor(world.scheduler.now / 30_000) + windowsAhead);
      const { backupCodes } = (await done('confirm', { call: { token, body: { code: code(0) } } })) as {
        backupCodes?: string[];
      };
      person.apps.push(app);
      person.backupCodes = backupCodes ?? [];
      const { challenge } = await done('login', logIn);
      const typed = { challenge, code: code(1), remember: true };
      const { browserToken = '' } = await done('loginWithCode', { on: person, call: { body: typed } });
      person.browserTokens.push(browserToken);
    }
    for (const scopes of [['challenges'], ['accounts', 'commands'], ['erasure', 'events']]) {
      const key = new CommandKey(cast.random);
      const body = { name: 'a service', scopes, publicKey: key.jwk };
      const { id = '', token = '' } = await done('issueServiceToken', {
        call: { token: operator, params: { portal }, body },
      });
      cast.service({ id, portal, token, scopes }, key);
    }
  }
  return cast;
}

/** Somebody tries something, again and again, until it is over. */
export async function live(
  world: World,
  cast: Cast,
  tell: (observed: Observation) => void,
  over: () => boolean,
  byBusAlone: boolean,
): Promise<void> {
  const { scheduler } = world;
  while (!over()) {
    const number = (world.drawn += 1);
    // its own chance, so that it is the same attempt where others are left out
    const random = cast.random.of(number);
    const choice = world.isLeftOut(number) ? undefined : draw(cast.by(random), byBusAlone);
    if (choice) {
      const { name, act } = choice;
      // whoever is impatient asks twice at once
      const isTwice = !act.call.command && random.chance(registering.includes(name) ? 0.4 : 0.04);
      const all = [act, ...(isTwice ? [act] : [])].map((one) => perform(world, name, one, tell, number));
      if (act.call.readFor === undefined) await Promise.all(all);
      else for (const one of all) world.reading.add(one);
      const person = byBusAlone ? undefined : whoseBrowserMayHaveEnded(cast, name, act);
      if (person && random.chance(0.5)) await perform(world, 'login', login(cast.by(random), person), tell, number);
    }
    // most things happen at once, and some only after a while
    await scheduler.pause(world.pace * (random.chance(0.05) ? random.fraction() * 120_000 : random.fraction() * 500));
  }
}

/** They try at once whether it has. */
function whoseBrowserMayHaveEnded({ people }: Cast, name: CallName, { call, on }: Act): Person | undefined {
  if (!endingBrowsers.includes(name)) return undefined;
  return people.find((one) => hasBrowser(one) && (on ? one === on : one.portal === call.params?.portal));
}

function draw(cast: Cast, byBusAlone: boolean): { name: CallName; act: Act } | undefined {
  const choices = byBusAlone ? commands : doable;
  let at = cast.random.fraction() * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const { name, weight, make } of choices) {
    at -= weight;
    if (at > 0) continue;
    const act = make(cast);
    if (!act) return undefined;
    const signed = byBusAlone || cast.random.chance(0.5) ? signedAct(cast, name, act) : undefined;
    return signed || !byBusAlone ? { name, act: signed ?? act } : undefined;
  }
  return undefined;
}

/** What everybody knows of somebody by an answer. */
function notice(on: Person, name: CallName, { status, body }: Answer): void {
  const { code } = (body ?? {}) as { code?: string };
  if (code === 'account-locked') on.locked = true;
  if (code === 'account-suspended') on.suspended = true;
  if (status >= 300 || status === 0) return;
  if (name === 'suspendAccount') Object.assign(on, { suspended: true, isBack: false });
  if (name === 'resumeAccount') Object.assign(on, { suspended: false, isBack: true });
  if (name === 'unlock') Object.assign(on, { locked: false, isBack: true });
}

async function perform(world: World, name: CallName, act: Act, tell: (observed: Observation) => void, number = 0) {
  const { call, by, on, learn } = act;
  const requestId = `00000000-0000-4000-8000-${String((world.requests += 1)).padStart(12, '0')}`;
  const asked = { number, requestId, name, by, on, call };
  tell({ kind: 'asked', at: world.scheduler.now, ...asked });
  const request = name in asks ? asks[name as keyof typeof asks] : undefined;
  const answer = request
    ? await world.ask({ request, payload: call.body, requestId })
    : call.command
      ? await world.command({ ...call.command, correlationId: requestId })
      : call.readFor === undefined
        ? await world.call({ ...call, endpoint: calls[name], requestId })
        : await readFor(world, { ...call, endpoint: calls[name], requestId }, call.readFor);
  if (answer.status >= 200 && answer.status < 300) learn?.(answer.body as never, answer);
  if (on) notice(on, name, answer);
  tell({ kind: 'answered', at: world.scheduler.now, ...asked, answer });
  return answer;
}
