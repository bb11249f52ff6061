import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import type { Serving, Vault } from '#libs/vault/src/port.js';
import { Policies } from '../../change/policies.js';

export const VAULT = Symbol('Vault');

/** In the place of an account: it is the portal's own. */
const PORTAL_ITSELF = 'sso';
const HOUR_MS = 3_600_000;

export interface ClientSecret {
  readonly id: string;
  readonly text: string;
}

/** The secret of each portal's client at its identity provider: in the vault, under the id that its event names. */
@Injectable()
export class SsoSecrets implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  /** What a dead instance left. */
  private readonly hourly: Repeated;

  constructor(
    @Inject(VAULT) private readonly vault: Vault,
    private readonly policies: Policies,
    @Inject(LOGGER) logger: Logger,
  ) {
    const failed = (portal: string, _: string, err: unknown) =>
      logger.error({ portal, err }, 'leftover secrets could not be destroyed; retrying in an hour');
    this.hourly = new Repeated(
      () => this.recover({ failed }),
      HOUR_MS,
      (err) => logger.warn({ err }, 'leftover secrets could not be destroyed; retrying in an hour'),
    );
  }

  onModuleInit(): Promise<void> {
    return this.recover();
  }
  onApplicationBootstrap(): void {
    this.hourly.start();
  }
  onApplicationShutdown(): Promise<void> {
    return this.hourly.stop();
  }

  /** Before the event that names it. */
  async put(portal: string, { id, text }: ClientSecret): Promise<void> {
    const plaintext = Buffer.from(text, 'utf8');
    try {
      await this.vault.put({ portal, account: PORTAL_ITSELF, id }, plaintext);
    } finally {
      plaintext.fill(0);
    }
  }

  /** Before the event that names another one, or none. */
  async touch(portal: string, id: string): Promise<void> {
    await this.vault.touch(portal, PORTAL_ITSELF, [id]);
  }

  /** After the event: what it does not name is destroyed. */
  async keepNamed(portal: string): Promise<void> {
    await this.vault.keepOnly(portal, PORTAL_ITSELF, () => this.named(portal));
  }

  /** After a change that failed: no event will name it any more, unless one does. */
  async destroyUnlessNamed(portal: string, id: string): Promise<void> {
    if (!(await this.named(portal)).includes(id)) await this.vault.destroy(portal, PORTAL_ITSELF, [id]);
  }

  /** Null: it is not the one that is named now. */
  async open(portal: string, id: string): Promise<string | null> {
    if (!(await this.named(portal)).includes(id)) return null;
    const plaintext = await this.vault.get({ portal, account: PORTAL_ITSELF, id });
    const secret = plaintext?.toString('utf8') ?? null;
    plaintext?.fill(0);
    return secret;
  }

  private async recover(serving?: Serving): Promise<void> {
    await this.vault.recover((portal) => this.named(portal), serving);
  }

  private async named(portal: string): Promise<string[]> {
    const { sso } = await this.policies.recorded(portal);
    return sso?.clientSecretId === undefined ? [] : [sso.clientSecretId];
  }
}
