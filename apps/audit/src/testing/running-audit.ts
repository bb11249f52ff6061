import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module, type Type } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import { adminPolicyRequests, identityRequests, type Session } from '#libs/contracts/src/messages/requests.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import type { Bus } from '#libs/messaging/src/port.js';
import { createApp } from '#libs/platform/src/app.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { serve } from '#libs/platform/src/running/serve.js';
import { contextOf, scriptedBus, testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { AuditModule, auditApp } from '../audit.module.js';
import { OpenStreams, PATIENCE } from '../stream/open-streams.js';

const administrator: Session = {
  sessionId: 's1',
  portal: 'demo',
  accountId: 'admin',
  username: 'admin',
  type: 'contributor',
  administrator: true,
  expiresAt: '2030-01-01T00:00:00.000Z',
  proof: { passwordAt: null, authenticatorId: null },
};

/**
 * The audit app behind a real port, on real engines, and the log of a two-factor app on its bus. Who a token belongs to is
 * answered from `callers`.
 */
export class RunningAudit {
  readonly token = newToken('ses_');
  readonly serviceToken = newToken('svc_');
  /** Replies to introspection, by token; taken away: the token is unknown. */
  readonly callers = new Map<string, unknown>([
    [tokenHash(this.token), { status: 'active', session: administrator }],
    [tokenHash(this.serviceToken), { status: 'active', tokenId: 't1', portal: 'demo', scopes: ['events'] }],
  ]);
  private commits = 0;

  private constructor(
    private readonly twoFactor: Engine,
    readonly audit: Engine,
  ) {}

  url = '';
  openStreams: () => number = () => 0;
  close: () => Promise<void> = async () => {};

  static async start(patienceMs?: number): Promise<RunningAudit> {
    const path = mkdtempSync(join(tmpdir(), 'twinlock-audit-'));
    const [twoFactor, audit] = await Promise.all([
      openEmbeddedEngine({ path: join(path, 'two-factor'), name: 'two-factor' }),
      openEmbeddedEngine({ path: join(path, 'audit'), name: 'audit' }),
    ]);
    const running = new RunningAudit(twoFactor, audit);
    const logger = createLogger('silent');
    const bus = createInProcessBus({ logger });
    for (const source of sourceApps) bus.join(source, source === 'two-factor' ? twoFactor : new MemoryEngine());
    const metrics = new Metrics();
    const context = contextOf('audit', {}, { engine: audit, bus: running.answeredHere(bus), metrics, logger });
    const app = await createApp({ ...auditApp, module: withPatience(patienceMs) }, context);
    const front = await serve({
      apps: new Map([['audit', app]]),
      config: testConfig,
      logger,
      metrics,
      contracts: Object.values(auditEndpoints),
    });
    running.url = front.url;
    running.openStreams = () => app.get(OpenStreams, { strict: false }).count;
    running.close = async () => {
      await front.close(0);
      await app.close();
      await bus.close();
      await Promise.all([twoFactor.close(), audit.close()]);
      rmSync(path, { recursive: true, force: true });
    };
    return running;
  }

  /** The real bus for events; requests are answered by the script. */
  private answeredHere(bus: Bus): Bus {
    const reply = ({ tokenHash: hash }: { tokenHash: string }) => this.callers.get(hash) ?? { status: 'unknown' };
    const { ask } = scriptedBus({
      [identityRequests.introspectSession.pattern]: reply,
      [adminPolicyRequests.introspectServiceToken.pattern]: reply,
      [identityRequests.nameAccounts.pattern]: ({ accountIds }: { accountIds: string[] }) => ({
        usernames: accountIds.map((id) => `name of ${id}`),
      }),
    }).join('audit', this.audit);
    return {
      join: (app, engine) => {
        const real = bus.join(app, engine);
        return { ...real, strategy: real.strategy, ask, health: () => real.health(), deadLetters: real.deadLetters };
      },
      close: () => bus.close(),
    };
  }

  /** Appends failed attempts to the stream of an account of `demo`, as one commit. */
  async record(account: string, count = 1): Promise<void> {
    const stream = `demo/${account}`;
    this.commits += 1;
    const { type, data } = { type: 'AttemptFailed' as const, data: twoFactorEvents.AttemptFailed.example };
    await this.twoFactor.log.append(
      encodeCommit(await this.twoFactor.log.head(stream), {
        fold: { contracts: twoFactorEvents },
        stream,
        commitId: `commit-${this.commits}`,
        at: Date.UTC(2026, 0, 1) + this.commits * 1000,
        context: aContext({ actor: { kind: 'user', id: account } }),
        events: Array.from({ length: count }, () => ({ type, data })),
      }),
    );
  }

  get(path: string, { token = this.token, headers = {}, signal }: GetOptions = {}): Promise<Response> {
    const authorization = `Bearer ${token}`;
    return fetch(`${this.url}/v1/portals/demo/events${path}`, {
      headers: { authorization, ...headers },
      signal: signal ?? null,
    });
  }

  async events(path = ''): Promise<RecordedEvent[]> {
    const response = await this.get(path);
    return ((await response.json()) as { events: RecordedEvent[] }).events;
  }
}

interface GetOptions {
  token?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function withPatience(patienceMs: number | undefined): Type {
  if (patienceMs === undefined) return AuditModule;
  const patience = { provide: PATIENCE, useValue: patienceMs };
  @Global()
  @Module({ providers: [patience], exports: [PATIENCE] })
  class Patience {}
  @Module({ imports: [Patience, AuditModule] })
  class WithPatience {}
  return WithPatience;
}
