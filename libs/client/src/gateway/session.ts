import { type AccountRef, accountName, type Gateway, type Refused, refusedFor, type Verified } from './gateway.js';

/** What Fastify, Express and Nest call a request, with a session such as those of @fastify/session and express-session. */
export interface RequestWithSession {
  session: object;
  readonly ip?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface TwoFactorOptions<Request> {
  readonly gateway: Gateway;
  /** Whom the application takes the session for. With it, a code that another person passed is good for nobody else. */
  readonly accountOf?: (request: Request) => AccountRef | undefined;
}

/** `passed`: no code is needed; `enrolment`: the person must set up 2FA until then. */
export type BegunInSession =
  | { readonly outcome: 'passed'; readonly enrolment?: { readonly graceEndsAt: string } }
  | { readonly outcome: 'code-required' }
  | Refused;

/** In the application's own session: as JSON, under one name. */
interface State {
  readonly account: string;
  readonly challenge?: string;
  readonly passed?: true;
}
interface Regenerating {
  regenerate?(done: (error?: unknown) => void): unknown;
}
const MEMBER = 'twinlock';

/** Keeps what is between password and code in the application's session. */
export class TwoFactor<Request extends RequestWithSession = RequestWithSession> {
  constructor(private readonly options: TwoFactorOptions<Request>) {}

  /**
   * To be called after the application's password check. Whatever was passed in the session before is over, also if this fails.
   * @throws ProblemError a fault of the application, such as `not-found`
   */
  async begin(request: Request, account: AccountRef): Promise<BegunInSession> {
    this.end(request);
    const { ip: address, headers } = request;
    const userAgent = headers['user-agent'];
    try {
      const client = { address, userAgent: typeof userAgent === 'string' ? userAgent : undefined };
      const begun = await this.options.gateway.begin({ ...account, client });
      const name = accountName(account);
      await this.become(
        request,
        begun.required ? { account: name, challenge: begun.challenge } : { account: name, passed: true },
      );
      if (begun.required) return { outcome: 'code-required' };
      return { outcome: 'passed', ...(begun.enrolment && { enrolment: begun.enrolment }) };
    } catch (error) {
      const refused = refusedFor(error);
      if (refused) return refused;
      throw error;
    }
  }

  /** Of the session that has begun; `ended` where none has. `typed`: a code or a backup code. */
  async verify(request: Request, typed: string): Promise<Verified> {
    const state = stateOf(request);
    if (state?.challenge === undefined) return { outcome: 'ended' };
    const verified = await this.options.gateway.verify(state.challenge, typed);
    if (verified.outcome === 'passed') await this.become(request, { account: state.account, passed: true });
    else if (['ended', 'locked', 'suspended'].includes(verified.outcome)) this.end(request);
    return verified;
  }

  /** Whether all that the person needs to prove has been proved in this session. */
  hasPassed(request: Request): boolean {
    const state = stateOf(request);
    if (state?.passed !== true) return false;
    if (!this.options.accountOf) return true;
    const account = this.options.accountOf(request);
    return account !== undefined && accountName(account) === state.account;
  }

  /** Forgets it, as at a logout. */
  end(request: Request): void {
    const { session } = request as { session?: object };
    if (session === undefined) throw new TypeError('the request has no session: register one before');
    delete (session as Record<string, unknown>)[MEMBER];
  }

  /** A session that has more rights than before has another id: one that somebody knew before is of no use. */
  private async become(request: Request, state: State): Promise<void> {
    const session = request.session as Regenerating & Record<string, unknown>;
    if (typeof session.regenerate === 'function') {
      const { cookie: _, ...kept } = { ...session };
      await new Promise<void>((resolve, reject) => {
        session.regenerate!((error) =>
          error ? reject(error instanceof Error ? error : new Error('the session has no new id')) : resolve(),
        );
      });
      for (const [name, value] of Object.entries(kept))
        if (typeof value !== 'function') (request.session as Record<string, unknown>)[name] = value;
    }
    (request.session as Record<string, unknown>)[MEMBER] = state;
  }
}

function stateOf({ session }: { session?: object }): State | undefined {
  return session && Object.hasOwn(session, MEMBER) ? (session as { [MEMBER]?: State })[MEMBER] : undefined;
}

/** What a guard answers with 401. */
export const notPassed = { status: 'refused', detail: 'Log in, with a code if one is asked for.' } as const;
