import createClient from 'openapi-fetch';
import { connectionLost } from './connection.js';
import { sendProved } from './fresh-proof.js';
import { ConnectionLost, ProblemError, problemOf } from './problem.js';
import type { paths } from './schema.js';
import { noteAnswer } from './server-clock.js';

/** Where the gateway serves the API to this page; the session is in a cookie that no script sees. */
export const apiBase = '/console/api';
/** A page of another origin cannot send it without being asked first. */
const ownPage = { 'x-twinlock-console': '1' };

const clientOf = (send: (request: Request) => Promise<Response>, headers: Record<string, string> = ownPage) =>
  createClient<paths>({
    baseUrl: apiBase,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    fetch: asWhom(send),
  });

let handOver: string | undefined;

/** From now on all calls are those of a person whom a gateway has handed over (R34), whoever is logged in besides; returns how to stop. */
export function handedOver(uid: string): () => void {
  handOver = uid;
  return () => {
    if (handOver === uid) handOver = undefined;
  };
}

function asWhom(send: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return (request) => {
    if (handOver !== undefined) request.headers.set('x-twinlock-hand-over', handOver);
    return send(request);
  };
}

/** Asks for a fresh proof where a call needs one. */
export const api = clientOf((request) => sendProved(request, timedFetch));
/** The call that gives the proof. */
export const proofApi = clientOf(timedFetch);
/** As the operator, also where the browser has a session that may make the call. */
export const operatorApi = clientOf(timedFetch, { ...ownPage, 'x-twinlock-as': 'operator' });

const sessionListeners = new Set<() => void>();

/** Runs `act` when an answer says that there is no session, or no more; returns how to stop. */
export function whenSessionEnds(act: () => void): () => void {
  sessionListeners.add(act);
  return () => sessionListeners.delete(act);
}

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * The answer to a call of `api`.
 * @throws ProblemError, ConnectionLost, NotProved
 */
export async function reply<Data>(call: Promise<Outcome<Data>>): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await call;
  if (response.ok) return data as Exclude<Data, undefined>;
  const problem = problemOf(response.status, error);
  if (problem.code === 'session-ended' || problem.code === 'unauthenticated') sessionListeners.forEach((act) => act());
  throw new ProblemError(problem);
}

/** Calls that only this page's server has: who runs the installation, for a while. */
export const operatorSession = {
  begin: (token: string) => ownCall('POST', { token }),
  end: () => ownCall('DELETE'),
};

async function ownCall(method: 'POST' | 'DELETE', body?: unknown): Promise<void> {
  const response = await timedFetch(
    new Request(`${apiBase}/operator`, {
      method,
      headers: { ...ownPage, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      credentials: 'same-origin',
    }),
  );
  if (!response.ok) throw new ProblemError(problemOf(response.status, await response.json().catch(() => undefined)));
}

async function timedFetch(request: Request): Promise<Response> {
  const sentAt = Date.now();
  try {
    const response = await fetch(request);
    noteAnswer(response.headers.get('date'), sentAt, Date.now());
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    connectionLost();
    throw new ConnectionLost('no answer', { cause: error });
  }
}
