import { adminPolicyApp } from '#apps/admin-policy/src/admin-policy.module.js';
import { auditApp } from '#apps/audit/src/audit.module.js';
import { identityApp } from '#apps/identity/src/identity.module.js';
import { twoFactorApp } from '#apps/two-factor/src/two-factor.module.js';
import type { AppName, Endpoint } from '#libs/contracts/src/http/endpoint.js';
import type { RequestContract } from '#libs/contracts/src/messages/request.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { type Config, configOf, readSettings } from '#libs/platform/src/settings/config.js';
import type { Random } from '#test/support/random.js';
import { outageBehind } from '#libs/engine/src/port.js';
import { as, realPause, type Scheduler } from '../runtime/scheduler.js';
import { OPERATOR_TOKEN } from './cast.js';
import { type Command, CommandTopic } from './command-topic.js';
import { Faults } from './faults.js';
import { Network } from './network.js';
import { Process } from './process.js';
import { Provider, type LoginFlaw } from './provider.js';
import type { Flaw } from './signed-acts.js';
import { Database } from './store.js';

const definitions = [identityApp, twoFactorApp, adminPolicyApp, auditApp];
/** Of each app. */
const INSTANCES = 2;
const RESTARTS_AFTER_MS = 2_000;
/** Nobody waits longer for an answer. */
const PATIENCE_MS = 20_000;

export interface Answer {
  /** 0: none came. What was asked may have happened. */
  readonly status: number;
  readonly body: unknown;
}

export interface Call {
  readonly endpoint: Endpoint;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** NDJSON, in place of a body. */
  readonly lines?: readonly string[];
  readonly token?: string;
  readonly requestId?: string;
  /** Of the last event that a stream has told. */
  readonly lastEventId?: string;
  /** What goes on is read for so long, in milliseconds. */
  readonly readFor?: number;
  /** Of the ID token in it. */
  readonly flaw?: LoginFlaw | undefined;
  /** It goes over the bus, signed. */
  readonly command?: SentCommand;
}
/** One app asks another. */
export interface Asking {
  readonly request: RequestContract;
  readonly payload: unknown;
  readonly requestId: string;
}
export interface SentCommand extends Omit<Command, 'correlationId'> {
  readonly jti: string;
  readonly flaw: Flaw | undefined;
}

/** All apps, several instances of each, on one database for each app and one network, in simulated time. */
export class World {
  readonly random: Random;
  readonly faults: Faults;
  /** How slowly people go on: where they take their time, challenges and proofs grow old. */
  readonly pace: number;
  readonly network = new Network(this);
  readonly #commands = new CommandTopic(this);
  readonly config: Config;
  readonly provider: Provider;
  /** Streams that somebody reads. */
  readonly reading = new Set<Promise<unknown>>();
  readonly processes: Process[] = [];
  readonly logLines: string[] = [];
  /** What must never be: the first ends the run. */
  readonly faultsFound: string[] = [];
  afterEachStep: () => void = () => {};
  /** Attempts so far, of all that people and services make. */
  drawn = 0;
  /** Calls so far, each with an id of its own. */
  requests = 0;
  /** Attempts that are not made, where a story is to become shorter. */
  isLeftOut: (attempt: number) => boolean = () => false;
  readonly #databases = new Map<AppName, Database>();

  constructor(readonly scheduler: Scheduler) {
    this.random = scheduler.random;
    this.faults = new Faults(scheduler.random);
    this.pace = this.random.pick([1, 1, 1, 6]);
    const key = Buffer.alloc(32);
    this.random.fill(key);
    this.provider = new Provider(this.random);
    scheduler.outside = (url, content) => this.provider.answer(url, content, scheduler.now);
    const vaultKeys = [{ id: 'k1', key }];
    const settings = readSettings({ NODE_ENV: 'test', LOG_LEVEL: 'warn' });
    this.config = configOf(settings, { operatorToken: OPERATOR_TOKEN, vaultKeys });
    for (const { name } of definitions) this.#databases.set(name, new Database(name, this));
  }

  async start(): Promise<void> {
    for (const definition of definitions) {
      for (let at = 0; at < INSTANCES; at++) await this.until(this.#begin(definition, at));
    }
  }

  /** Goes on until that is done. */
  async until<Value>(work: Promise<Value>): Promise<Value> {
    let done = false;
    const end = () => (done = true);
    work.then(end, end);
    for (let idle = 0; !done;) {
      if (await this.scheduler.step()) {
        idle = 0;
        this.afterEachStep();
      } else if ((idle += 1) > 2_000) throw new Error('nothing goes on any more');
      else await realPause();
    }
    return work;
  }

  /** Goes on for so long. */
  pass(ms: number): Promise<void> {
    return this.until(as(undefined, () => this.scheduler.pause(ms)));
  }

  database(app: AppName): Database {
    const database = this.#databases.get(app);
    if (!database) throw new TypeError(`${app} has no database`);
    return database;
  }

  crash(process: Process): void {
    process.kill();
    this.processes.splice(this.processes.indexOf(process), 1);
    this.scheduler.after(RESTARTS_AFTER_MS, () => void this.#begin(process.definition, process.name), undefined);
  }

  /** One that is there. */
  instanceOf(app: AppName): Process | undefined {
    const able = this.processes.filter((process) => process.definition.name === app && process.app);
    return able.length === 0 ? undefined : this.random.pick(able);
  }

  async call(call: Call): Promise<Answer> {
    const { scheduler, faults } = this;
    await scheduler.pause(faults.trip());
    const process = this.instanceOf(call.endpoint.app);
    if (!process) return { status: 0, body: undefined };
    const answered = as(process, () => process.app!.inject(requestOf(call)));
    const answer = await Promise.race([answered, scheduler.pause(PATIENCE_MS)]);
    await scheduler.pause(faults.trip());
    if (!answer) return { status: 0, body: undefined };
    return {
      status: answer.statusCode,
      body: readBody(answer.body, answer.statusCode < 300 && call.lines !== undefined),
    };
  }

  /** As `call`, of one app by another. */
  async ask({ request, payload, requestId }: Asking): Promise<Answer> {
    const { scheduler } = this;
    const process = this.instanceOf('two-factor');
    if (!process) return { status: 0, body: undefined };
    const context = { actor: { kind: 'anonymous' as const }, correlationId: requestId, entrance: 'http' as const };
    const answered = as(process, () =>
      process
        .app!.get(Requests, { strict: false })
        .send(request, payload as never, context)
        .then(
          (body): Answer => ({ status: 200, body }),
          (error: unknown): Answer => {
            if (!(error instanceof Problem)) throw error;
            return { status: error.status, body: error.toDocument() };
          },
        ),
    );
    return (await Promise.race([answered, scheduler.pause(PATIENCE_MS)])) ?? { status: 0, body: undefined };
  }

  /** As `call`, over the bus. */
  async command(command: Command): Promise<Answer> {
    const answer = await Promise.race([this.#commands.send(command), this.scheduler.pause(PATIENCE_MS)]);
    return answer ?? { status: 0, body: undefined };
  }

  broken(what: string): void {
    this.faultsFound.push(what);
  }

  logged(process: string, line: string): void {
    this.logLines.push(line);
    const { level, msg, err } = JSON.parse(line) as { level: number; msg: string; err?: { stack?: string } };
    if (level >= 50) this.broken(`${process} logged an error: ${msg} ${err?.stack ?? line}`);
  }

  async #begin(definition: AppDefinition, which: number | string): Promise<void> {
    const name = typeof which === 'string' ? which : `${definition.name} ${which + 1}`;
    const process = new Process(name, definition, this);
    this.processes.push(process);
    try {
      await process.start();
    } catch (error) {
      // as the product does, which waits for its database
      if (!process.alive) return;
      if (!outageBehind(error)) this.broken(`${name} cannot start: ${(error as Error).stack}`);
      this.crash(process);
    }
  }
}

/** As it goes to an app. */
export function requestOf({ endpoint, params = {}, query = {}, body, lines, token, requestId, lastEventId }: Call) {
  const url = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return {
    method: endpoint.method,
    url: Object.keys(query).length === 0 ? url : `${url}?${new URLSearchParams(query).toString()}`,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(requestId !== undefined && { 'x-request-id': requestId }),
      ...(lines && { 'content-type': 'application/x-ndjson' }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    ...(body !== undefined && { payload: body as object }),
    ...(lines && { payload: lines.map((line) => `${line}\n`).join('') }),
  };
}

function readBody(text: string, isLines: boolean): unknown {
  if (isLines) return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
