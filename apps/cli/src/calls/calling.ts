import { type Args, type CallName, isProblem, type Reply, Twinlock } from '#libs/client/src/index.js';
import { CommandError, usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { canAsk } from '../command/prompt.js';
import { type Login, loginKept } from './kept-login.js';
import { originFrom } from './origin.js';
import { prove } from './proof.js';
import { operatorToken, tokenGiven } from './secrets.js';

/** The members that a call has. What was typed is checked by the product, which says what is wrong with it. */
type Typed<Name extends CallName> = { readonly [Member in keyof Args<Name>]: unknown };
type Given<Name extends CallName> = object extends Args<Name> ? [args?: Typed<Name>] : [args: Typed<Name>];

/** An answer of the product is waited for so long. */
const PATIENCE_MS = 30_000;

interface Place {
  readonly origin: URL;
  /** None for what anybody may ask. */
  readonly token?: string;
  /** Whose session it is; operators and services have none. */
  readonly login?: Login;
}

/** What a command asks a product: the calls that it declares, and no others. */
export class Calling<Names extends CallName = CallName> {
  private there: Promise<Place & { readonly twinlock: Twinlock }> | undefined;

  constructor(
    private readonly find: () => Promise<Place>,
    private readonly given: { readonly portal?: string },
  ) {}

  get place(): Promise<Place & { readonly twinlock: Pick<Twinlock, Names> }> {
    return this.reached();
  }

  /** The portal that it is about. @throws CommandError */
  async portal(): Promise<string> {
    const portal = this.given.portal ?? (await this.place).login?.portal;
    if (portal === undefined) throw usageError('say which portal with --portal');
    return portal;
  }

  /**
   * The answer as the contract has it. A fresh proof, where one is needed, is asked for.
   * @throws ProblemError, TransportError, CommandError
   */
  async call<Name extends Names>(name: Name, ...given: Given<Name>): Promise<Reply<Name>> {
    const { twinlock, login } = await this.reached();
    const send = twinlock[name] as unknown as (...args: Given<Name>) => Promise<Reply<Name>>;
    try {
      return await send(...given);
    } catch (error) {
      if (!login || !isProblem(error) || error.code !== 're-authentication-required') throw error;
      await prove(twinlock, login, error);
      return send(...given);
    }
  }

  private reached() {
    return (this.there ??= this.find().then((place) => {
      const { origin, token } = place;
      return { ...place, twinlock: new Twinlock({ url: origin, token, timeoutMs: PATIENCE_MS }) };
    }));
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
