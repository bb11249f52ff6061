import { randomBytes } from 'node:crypto';
import { Authenticator } from './authenticator.js';
import { HandBrowser, type HandOverPage } from './hand-browser.js';
import type { HandingGateway } from './handing-gateway.js';
import type { Portal } from './portal.js';

interface Named {
  readonly username: string;
  readonly externalId: string;
}

/** A person whose first factor a gateway proves: without a password here, known by the gateway's own id (R32). */
export class Vouched {
  private app: Authenticator | undefined;
  backupCodes: string[] = [];

  private constructor(
    readonly portal: Portal,
    readonly id: string,
    readonly username: string,
    readonly externalId: string,
  ) {}

  static async register(portal: Portal, known: Partial<Named> = {}): Promise<Vouched> {
    const name = randomBytes(6).toString('hex');
    const { username = `vouched-${name}`, externalId = `u-${name}` } = known;
    const body = { username, externalId, type: 'contributor' as const };
    const { id } = (await portal.api.register(portal.id, body)).success();
    return new Vouched(portal, id, username, externalId);
  }

  /** Has set up 2FA, on the page that the gateway has handed them over to. */
  static async enrolled(gateway: HandingGateway, origin: string, known: Partial<Named> = {}): Promise<Vouched> {
    const person = await Vouched.register(gateway.portal, known);
    const page = await person.openTo(gateway, origin, 'manage');
    await person.setUpOn(page);
    await gateway.learn((await page.complete()).url);
    return person;
  }

  get name(): string {
    return `external:${this.externalId}`;
  }
  get phone(): Authenticator {
    if (!this.app) throw new Error(`${this.username} has no authenticator`);
    return this.app;
  }

  async openTo(gateway: HandingGateway, origin: string, purpose: 'pass' | 'manage'): Promise<HandOverPage> {
    const window = new HandBrowser(origin, (url) => url.origin === gateway.origin);
    const link = purpose === 'pass' ? gateway.handOver(this.name) : gateway.handOverToManage(this.name);
    return window.handedOver(await window.go(await link));
  }

  async setUpOn(page: HandOverPage): Promise<void> {
    const setup = await page.call<{ otpauthUri: string }>('/v1/me/two-factor/setup', {});
    if (setup.status !== 201) throw new Error(`the setup was refused: ${JSON.stringify(setup.body)}`);
    this.app = new Authenticator(setup.body.otpauthUri, this.portal.stack.clock);
    const typed = { code: this.app.freshCode() };
    const confirmed = await page.call<{ backupCodes: string[] }>('/v1/me/two-factor/confirm', typed);
    if (confirmed.status !== 200) throw new Error(`the code was refused: ${JSON.stringify(confirmed.body)}`);
    this.backupCodes = confirmed.body.backupCodes;
  }

  /** By wrong codes. */
  async lock(gateway: HandingGateway, origin: string): Promise<void> {
    const page = await this.openTo(gateway, origin, 'pass');
    for (let tries = 0; tries < 100; tries += 1) {
      const { body } = await page.prove({ code: this.phone.wrongCode() });
      if (body.code === 'account-locked') return;
    }
    throw new Error(`${this.username} is not locked after 100 wrong codes`);
  }
}
