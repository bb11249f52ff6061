import type { z } from 'zod';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { CommandError, usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { canAsk } from '../command/prompt.js';
import { type Login, loginKept } from './kept-login.js';
import { originFrom } from './origin.js';
import { prove } from './proof.js';
import { failureOf, type Request, send } from './sending.js';
import { operatorToken, tokenGiven } from './secrets.js';

export const calls = { ...identityEndpoints, ...twoFactorEndpoints, ...adminPolicyEndpoints, ...auditEndpoints };
export type CallName = keyof typeof calls;
type Reply<Name extends CallName> = z.output<(typeof calls)[Name]['reply']>;

interface Place {
  readonly origin: URL;
  /** None for what anybody may ask. */
  readonly token?: string;
  /** Whose session it is; operators and services have none. */
  readonly login?: Login;
}

/** What a command asks a product: the calls that it declares, and no others. */
export class Calling<Names extends CallName = CallName> {
  private there: Promise<Place> | undefined;

  constructor(
    private readonly find: () => Promise<Place>,
    private readonly given: { readonly portal?: string },
  ) {}

  get place(): Promise<Place> {
    return (this.there ??= this.find());
  }

  /** The portal that it is about. @throws CommandError */
  async portal(): Promise<string> {
    const portal = this.given.portal ?? (await this.place).login?.portal;
    if (portal === undefined) throw usageError('say which portal with --portal');
    return portal;
  }

  /** The answer as the contract has it. @throws CommandError what the product refuses, or that it does not answer */
  async call<Name extends Names>(name: Name, request: Request = {}): Promise<Reply<Name>> {
    const response = await this.open(name, request);
    const text = await response.text().catch((error: unknown) => {
      throw failureOf(error, response.url);
    });
    return (text === '' ? undefined : JSON.parse(text)) as Reply<Name>;
  }

  /** The same, for an answer that is read as it comes. */
  async open(name: Names, request: Request = {}): Promise<Response> {
    const place = await this.place;
    const endpoint: Endpoint = calls[name];
    try {
      return await send(place, endpoint, request);
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== 're-authentication-required' || !place.login) throw error;
      await prove(place, place.login, error);
      return send(place, endpoint, request);
    }
  }
}

export function callingAs<Names extends CallName>(
  who: 'operator' | 'administrator' | 'anybody',
  options: Options,
  env: NodeJS.ProcessEnv,
): Calling<Names> {
  const text = (name: string) => options[name] as string | undefined;
  const [url, tokenFile] = [text('url') ?? set(env.TWINLOCK_URL), text('operatorTokenFile')];
  const asOperator = async (): Promise<Place> => ({
    origin: originFrom(url ?? `http://127.0.0.1:${set(env.PORT) ?? '3000'}`),
    token: await operatorToken(env, { canAsk: canAsk() }, tokenFile),
  });
  const asAdministrator = async (): Promise<Place> => {
    const token = tokenGiven(env);
    if (token !== undefined) return { origin: originFrom(url ?? `http://127.0.0.1:${set(env.PORT) ?? '3000'}`), token };
    const login = loginKept(env);
    if (login === undefined) throw new CommandError('notLoggedIn', 'Nobody is logged in here: twinlock login.');
    // the token of one product is nobody else's
    if (url !== undefined && originFrom(url).origin !== login.url)
      throw usageError(`the login is at ${login.url}, not at ${originFrom(url).origin}: log in there first`);
    return { origin: new URL(login.url), token: login.token, login };
  };
  const find =
    who === 'operator' || options.operator === true
      ? asOperator
      : who === 'administrator'
        ? asAdministrator
        : async () => ({ origin: originFrom(url ?? `http://127.0.0.1:${set(env.PORT) ?? '3000'}`) });
  return new Calling<Names>(find, { portal: text('portal') ?? set(env.TWINLOCK_PORTAL) });
}

/** An empty one is none, as among the settings of the product. */
const set = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
