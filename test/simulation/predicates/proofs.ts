import { needsProof } from '#libs/contracts/src/http/endpoint.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { calls } from '../world/acts.js';
import type { Answered, Asked, Happened } from '../world/history.js';
import { activeSince } from './active-since.js';
import { isGood, type Ledger } from './ledger.js';
import { byLedger, type Predicate, SKEW_MS } from './predicate.js';

interface Session {
  readonly portal: string;
  readonly id: string;
  readonly sessionId: string;
  /** Until when, at the latest, its password was proved, by what proved it. */
  readonly passwordAt: Map<string, number>;
}
const asksForProof = ({ name, call }: Asked | Answered) =>
  calls[name].proof === 'in-turn' || needsProof(calls[name].proof, call.body);

/** Sessions that people have a token of, and what each has proved, or may have. */
class Proofs {
  readonly #begun = new Map<string, Session>();
  readonly #sessions = new Map<string, Session>();
  /** Ids of sessions. */
  readonly #codes = new Set<string>();

  of(token: string | undefined): Session | undefined {
    return this.#sessions.get(token ?? '');
  }

  hasPassedACode({ sessionId }: Session): boolean {
    return this.#codes.has(sessionId);
  }

  asked({ name, call, requestId }: Asked): void {
    // it counts before it is recorded
    if (name === 'reAuthenticate') this.of(call.token)?.passwordAt.set(requestId, Infinity);
  }

  happened({ name, event, at }: Happened): void {
    const { portal, account: id, context } = event;
    const { method = '', sessionId } = event.data as { method?: string; sessionId?: string };
    if (sessionId === undefined) return;
    if (name === 'LoginSucceeded') {
      const proved = method.startsWith('password') ? [[context.correlationId, at] as const] : [];
      this.#begun.set(context.correlationId, { portal, id: id!, sessionId, passwordAt: new Map(proved) });
      if (['password+totp', 'password+backup-code'].includes(method)) this.#codes.add(sessionId);
    }
    if (name === 'HandedOver') {
      const provedAt = Date.parse((event.data as { provedAt?: string }).provedAt!);
      const passwordAt = new Map([[context.correlationId, provedAt]]);
      this.#begun.set(context.correlationId, { portal, id: id!, sessionId, passwordAt });
    }
    if (['AttemptSucceeded', 'TwoFactorEnabled', 'AuthenticatorAdded'].includes(name)) this.#codes.add(sessionId);
  }

  answered({ name, call, requestId, answer: { status, body }, at }: Answered): void {
    const { accessToken } = (body ?? {}) as { accessToken?: string };
    const begun = this.#begun.get(requestId);
    if (accessToken !== undefined && begun) this.#sessions.set(accessToken, begun);
    if (name !== 'reAuthenticate') return;
    const proved = this.of(call.token)?.passwordAt;
    if (status >= 400 && status < 500) proved?.delete(requestId);
    // else it may go on
    else if (status >= 200 && status < 300) proved?.set(requestId, at);
  }
}

const isFresh = ({ passwordAt }: Session, at: number) =>
  [...passwordAt.values()].some((proved) => proved > at - PROOF_LASTS_MS - 2 * SKEW_MS);

export const onlyWithProof: Predicate = {
  rule: 'R14',
  says: 'what sets up or weakens authentication is asked a password of the last ten minutes and, where 2FA is active, a code; a remembered browser (R39) is none',
  begin: byLedger((complain, ledger: Ledger) => {
    const proofs = new Proofs();
    return {
      seen: (observed) => {
        if (observed.kind === 'asked') proofs.asked(observed);
        if (observed.kind === 'event') proofs.happened(observed);
        if (observed.kind !== 'answered') return;
        proofs.answered(observed);
        const session = proofs.of(observed.call.token);
        if (!session || !isGood(observed) || !asksForProof(observed)) return;
        const { portal, id } = session;
        const request = ledger.requests.get(observed.requestId)!;
        const told = `${observed.name} by a session of ${portal}/${id}`;
        if (!isFresh(session, request.at)) complain(`${told} whose password was not proved`);
        if (!proofs.hasPassedACode(session) && !activeSince(ledger, portal, id, request).mayNot)
          complain(`${told} that had passed no code`);
      },
    };
  }),
};
