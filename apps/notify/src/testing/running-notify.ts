import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Actor, RecordedEvent, SealedText, SourceApp } from '#libs/contracts/src/events/event.js';
import { adminPolicyEvents, type PortalProfile, wholeProfile } from '#libs/contracts/src/events/admin-policy.js';
import { type AccountEvent, accountEvents } from '#libs/contracts/src/events/identity.js';
import { type TwoFactorEvent, twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { type Contact, identityRequests, personalRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import { emptyMemory, MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import type { AppBus, Bus } from '#libs/messaging/src/port.js';
import { createApp } from '#libs/platform/src/app.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { contextOf, scriptedBus, testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { APP_BUS } from '#libs/platform/src/tokens.js';
import type { MailServer } from '#test/support/servers/mail/mail-server.js';
import { PasswordLinksMessages } from '../password-links/password-links.messages.js';
import { notifyApp } from '../notify.module.js';

const contracts = {
  identity: accountEvents,
  'two-factor': twoFactorEvents,
  'admin-policy': adminPolicyEvents,
} as const;

interface Recorded {
  readonly account?: string;
  readonly actor?: Actor;
  readonly personal?: RecordedEvent['personal'];
}

/** notify on a real store and the real bus, beside the logs of the others, whose requests are answered from here. */
export class RunningNotify {
  readonly contacts = new Map<string, Contact>();
  administrators: string[] = ['admin'];
  /** What is sealed, by its ciphertext. */
  readonly sealed = new Map<string, string>();
  identityIsAway = false;
  /** Identity is away whenever it is asked about this account. */
  unknown: string | undefined;
  /** On a database that others may have open too. */
  isOneOfSeveral = false;
  metrics = new Metrics();
  private readonly database = emptyMemory();
  private readonly path = mkdtempSync(join(tmpdir(), 'twinlock-notify-'));
  private readonly memories = { identity: emptyMemory(), 'two-factor': emptyMemory(), 'admin-policy': emptyMemory() };
  private sources: Readonly<Record<SourceApp, Engine>> | undefined;
  private app: NestFastifyApplication | undefined;
  private readonly closing: (() => Promise<unknown>)[] = [];
  private commits = 0;
  now = Date.UTC(2026, 10, 24, 9);

  /** @param shared what others that run beside it on the same database share with it */
  constructor(
    private readonly server: MailServer,
    private readonly shared?: RunningNotify,
  ) {}

  person(id: string, contact: Partial<Contact> = {}): string {
    const email = `${id}@acme.example`;
    const emailSince = new Date(this.now).toISOString();
    this.contacts.set(id, { username: id, displayName: null, email, emailSince, ...contact });
    return email;
  }

  async start(): Promise<this> {
    const engine = await this.openStore();
    const logger = createLogger('silent');
    const bus = createInProcessBus({ logger, clock: () => this.now });
    const sources = Object.fromEntries(
      Object.entries((this.shared ?? this).memories).map(([app, memory]) => [app, new MemoryEngine({ memory })]),
    ) as unknown as Record<SourceApp, Engine>;
    for (const [source, store] of Object.entries(sources)) bus.join(source as SourceApp, store);
    this.sources = sources;
    this.metrics = new Metrics();
    const config = {
      ...testConfig,
      mail: { from: { address: 'no-reply@acme.example' }, smtp: { ...this.server.place, tls: 'none' } as const },
    };
    const given = {
      engine,
      config,
      logger,
      metrics: this.metrics,
      clock: () => this.now,
      bus: this.answered(bus, engine),
    };
    this.app = await createApp(notifyApp, contextOf('notify', {}, given));
    this.closing.push(
      () => engine.close(),
      () => bus.close(),
      () => this.app!.close(),
    );
    return this;
  }

  private openStore(): Promise<Engine> | Engine {
    if (this.isOneOfSeveral) return new MemoryEngine({ shared: true, memory: (this.shared ?? this).database });
    return openEmbeddedEngine({ path: join(this.path, 'notify'), name: 'notify' });
  }

  async stop(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.path, { recursive: true, force: true });
  }

  /** What stands on its disk. */
  get file(): string {
    return join(this.path, 'notify', 'notify.mdb');
  }

  get deadLetters() {
    return this.app!.get<AppBus>(APP_BUS).deadLetters.list();
  }

  /** Whether all that is in the log of that app has been handled. */
  async adopted(source: SourceApp): Promise<boolean> {
    const [newest] = (await this.sources![source].log.feed.read(0, 1_000)).slice(-1);
    const health = this.app!.get<AppBus>(APP_BUS)
      .health()
      .find((one) => one.source === source);
    return health!.position >= (newest?.position ?? 0);
  }

  /** As identity asks for it. */
  mailPasswordLink(...asked: Parameters<PasswordLinksMessages['mail']>) {
    return this.app!.get(PasswordLinksMessages).mail(...asked);
  }

  async outcomes(): Promise<Readonly<Record<string, number>>> {
    const { values } = await this.metrics.mails.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
  }

  /** Nothing of what was put down as read. */
  async forgetPositions(): Promise<void> {
    await this.stop();
    const engine = await openEmbeddedEngine({ path: join(this.path, 'notify'), name: 'notify' });
    await engine.records('positions').clear();
    await engine.close();
    await this.start();
  }

  /** As one commit of the account. */
  async happens(
    app: 'identity' | 'two-factor',
    events: readonly {
      readonly type: (AccountEvent | TwoFactorEvent)['type'];
      readonly data?: object;
      readonly person?: SealedText;
    }[],
    { account = 'alice', actor = { kind: 'user', id: account }, personal }: Recorded = {},
  ): Promise<void> {
    const stream = `demo/${account}`;
    const recorded = events.map(({ type, data, person }) => ({
      type,
      data: data ?? (contracts[app] as Record<string, { example: object }>)[type]!.example,
      ...(person && { person }),
      ...(personal?.origin && { origin: personal.origin }),
    }));
    await this.append(app, stream, recorded, actor);
  }

  async face(profile: Partial<PortalProfile>): Promise<void> {
    const data = { from: wholeProfile(), to: wholeProfile(profile) };
    await this.append('admin-policy', 'demo', [{ type: 'ProfileChanged', data }], { kind: 'system' });
  }

  seal(text: object): SealedText {
    const ciphertext = `c${this.sealed.size}`;
    this.sealed.set(ciphertext, JSON.stringify(text));
    return { kid: 'k', ciphertext };
  }

  private async append(app: SourceApp, stream: string, events: never[] | object[], actor: Actor): Promise<void> {
    const { log } = this.sources![app];
    const commitId = `commit-${((this.shared ?? this).commits += 1)}`;
    await log.append(
      encodeCommit(await log.head(stream), {
        fold: { contracts: contracts[app] },
        stream,
        commitId,
        at: this.now,
        context: aContext({ actor }),
        events: events as never,
      }),
    );
  }

  /** The real bus for events; requests are answered by the script. */
  private answered(bus: Bus, engine: Engine): Bus {
    const open = ({ sealed }: { sealed: readonly SealedText[] }) => ({
      opened: sealed.map(({ ciphertext }) => this.sealed.get(ciphertext) ?? null),
    });
    const { ask } = scriptedBus({
      [identityRequests.describeContact.pattern]: ({ accountId }: { accountId: string }) => {
        if (this.identityIsAway || accountId === this.unknown) throw new Problem('unavailable');
        return { contact: this.contacts.get(accountId) ?? null };
      },
      [identityRequests.listAdministrators.pattern]: () => ({ accountIds: this.administrators }),
      [identityRequests.nameAccounts.pattern]: ({ accountIds }: { accountIds: string[] }) => ({
        usernames: accountIds.map((id) => this.contacts.get(id)?.username ?? null),
      }),
      [personalRequests.identity.pattern]: open,
      [personalRequests['two-factor'].pattern]: open,
    }).join('notify', engine);
    return {
      join: (app, store) => {
        const real = bus.join(app, store);
        return {
          ask,
          strategy: real.strategy,
          adoptions: real.adoptions,
          health: () => real.health(),
          deadLetters: real.deadLetters,
        };
      },
      close: () => bus.close(),
    };
  }
}
