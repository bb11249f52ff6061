import type { Api } from '#test/support/calls/client.js';
import { Authenticator } from '#test/support/people/authenticator.js';
import type { Person } from '#test/support/people/portal.js';
import { vaultEntries } from '#test/support/stored/vault-entries.js';
import type { Stack } from '#test/support/process/stack.js';

/** A person's apps by their ids, whether they were confirmed or not: what is listed is among them. */
export class Apps {
  readonly byId = new Map<string, Authenticator>();

  private constructor(
    private readonly stack: Stack,
    private readonly user: Person,
  ) {}

  /** Of somebody who has one. */
  static async of(stack: Stack, user: Person): Promise<Apps> {
    const apps = new Apps(stack, user);
    const [id] = await user.authenticatorIds();
    apps.byId.set(id!, user.phone);
    return apps;
  }

  /** Null: there is no room. */
  async begin(name: string, api: Api = this.user.api): Promise<{ id: string; app: Authenticator } | null> {
    const answer = await api.addTotp(name);
    if (answer.code === 'authenticator-limit') return null;
    const { otpauthUri, setupId: id } = answer.success();
    const app = new Authenticator(otpauthUri, this.stack.clock);
    this.byId.set(id, app);
    return { id, app };
  }

  /**
   * At most three are listed, each of which logs in, and no other; the vault has as much as they need.
   * @param before what it held without this account
   */
  async check(before: number): Promise<string[]> {
    const { user, byId, stack } = this;
    const listed = await user.authenticatorIds();
    expect(listed.length).toBeLessThanOrEqual(3);
    // what was begun is replaced, so that it is known whether there is one
    const begun = await this.begin('Last');
    expect(begun === null).toBe(listed.length === 3);
    expect(await vaultEntries(stack)).toBe(before + listed.length + Number(listed.length > 0) + Number(begun !== null));

    const [right] = listed.map((id) => byId.get(id)!);
    if (right === undefined) {
      expect((await user.enterPassword()).success().status).toBe('complete');
      return listed;
    }
    for (const [id, app] of byId) {
      const answer = await user.enterCode(app.freshCode());
      if (listed.includes(id)) answer.success();
      else {
        answer.refused('wrong-code');
        (await user.enterCode(right.freshCode())).success();
      }
    }
    return listed;
  }
}
