import { randomInt } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { z } from 'zod';
import { problemDocument, problems, type ProblemCode, type ProblemDocument } from '#libs/contracts/src/problems.js';

/** The one code that two statuses go with. */
const otherStatuses: Partial<Record<ProblemCode, number>> = { 'add-on-required': 409 };

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Source address: any of 127.0.0.0/8. */
  readonly address?: string | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly elapsedMs: number;
}

let addresses = randomInt(250 * 65_536);
/** A loopback address that no other test has used: what one test does is not throttled for what another did. */
export function newAddress(): string {
  addresses = (addresses + 1) % (250 * 65_536);
  return `127.${1 + (addresses >> 16)}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** Keep-alive connections to one origin, a pool for each source address. */
export class Connection {
  /** The body of every error that came back. */
  readonly errors: string[] = [];
  private readonly agents = new Map<string, Agent>();

  constructor(readonly origin: string) {}

  send({ method, path, token, body, headers = {}, address = '127.0.0.1' }: Call): Promise<RawAnswer> {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.origin}${path}`,
        {
          method,
          agent: this.agentOf(address),
          headers: {
            accept: 'application/json, application/problem+json',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(payload !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(payload)),
            }),
            ...headers,
          },
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const text = Buffer.concat(parts).toString('utf8');
            const status = incoming.statusCode ?? 0;
            if (status >= 400) this.errors.push(text);
            resolve({
              status,
              headers: incoming.headers,
              text,
              elapsedMs: performance.now() - started,
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  async isReady(): Promise<boolean> {
    try {
      return (await this.send({ method: 'GET', path: '/health/ready' })).status === 200;
    } catch {
      return false;
    }
  }

  /** The other side is gone: what the pools hold leads nowhere. */
  forget(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }

  close(): void {
    this.forget();
  }

  private agentOf(address: string): Agent {
    let agent = this.agents.get(address);
    if (!agent) {
      agent = new Agent({ keepAlive: true, localAddress: address });
      this.agents.set(address, agent);
    }
    return agent;
  }
}

/** What a call was answered, checked against the published interface; a test says which of the two it expects. */
export class Answer<Body> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly elapsedMs: number;
  private readonly shown: string;
  private readonly problem: ProblemDocument | null;
  private readonly body: Body | null;

  constructor(
    private readonly what: string,
    raw: RawAnswer,
    expected: { status: number; reply: z.ZodType },
  ) {
    this.status = raw.status;
    this.shown = `${raw.status} ${raw.text.slice(0, 400)}`;
    this.headers = raw.headers;
    this.elapsedMs = raw.elapsedMs;
    this.problem = raw.status >= 400 ? checkedProblem(what, raw) : null;
    this.body = this.problem ? null : (checkedReply(what, raw, expected) as Body);
  }

  /** The reply. Throws what was answered instead. */
  success(): Body {
    if (this.problem) throw new Error(`${this.what} was refused: ${this.shown}`);
    return this.body as Body;
  }

  /** The problem document. Throws if it is another one, or none. */
  refused(code: ProblemCode, status: number = problems[code].status): ProblemDocument {
    const { problem } = this;
    if (problem?.code !== code || problem.status !== status) {
      throw new Error(`${this.what} was answered ${this.shown}, not ${status} ${code}`);
    }
    return problem;
  }

  /** The code of the refusal; null for a success. */
  get code(): ProblemCode | null {
    return this.problem?.code ?? null;
  }
}

/** Every error is a problem document with a known code, the status of that code, and what else the code promises. */
function checkedProblem(what: string, raw: RawAnswer): ProblemDocument {
  const fail = (why: string) => new Error(`${what}: ${why}: ${raw.status} ${raw.text}`);
  if (!/^application\/problem\+json\b/.test(raw.headers['content-type'] ?? '')) throw fail('not a problem document');
  const problem = problemDocument.parse(JSON.parse(raw.text));
  if (problem.status !== raw.status) throw fail('the body names another status');
  if (problem.code === 'internal-error') throw fail('a fault');
  if (![problems[problem.code].status, otherStatuses[problem.code]].includes(raw.status))
    throw fail('the code does not go with the status');
  if (problem.type === '' || problem.title === '' || problem.detail === '') throw fail('an empty member');
  if (problem.code === 'malformed-request' && !isFieldErrors(problem.errors)) throw fail('no field is named');
  if ([429, 503].includes(raw.status) && !/^[1-9]\d*$/.test(raw.headers['retry-after'] ?? ''))
    throw fail('no Retry-After');
  return problem;
}

function checkedReply(what: string, raw: RawAnswer, { status, reply }: { status: number; reply: z.ZodType }): unknown {
  if (raw.status !== status) throw new Error(`${what} was answered ${raw.status}, not ${status}: ${raw.text}`);
  if (status === 204) {
    if (raw.text !== '') throw new Error(`${what}: a 204 with a body: ${raw.text}`);
    return undefined;
  }
  const type = raw.headers['content-type'] ?? '';
  const parsed = reply.safeParse(type.startsWith('application/json') ? JSON.parse(raw.text) : raw.text);
  if (!parsed.success) throw new Error(`${what}: not the published reply: ${parsed.error.message}: ${raw.text}`);
  return parsed.data;
}

const isFieldErrors = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((error: unknown) => {
    const { field, message } = error as Record<string, unknown>;
    return typeof field === 'string' && typeof message === 'string';
  });
