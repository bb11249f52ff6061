import type { Person, Portal } from '#test/support/portal.js';
import { outcomeOf } from './outcome.js';
import type { Random } from './random.js';

/** For so long of the product's time a login is used: its proof must stay fresh. */
const LOGIN_USED_MS = 5 * 60_000;

/** An account whose owner resets, disables and sets up 2FA and makes new backup codes, whatever happens in between. */
export class ChangingAccount {
  changes = 0;
  /** What was answered last and cannot have changed since; null when a change got no answer. */
  private known: 'enabled' | 'open' | null = 'enabled';
  private loggedInAt = 0;
  private lastStep: number;

  constructor(
    private readonly portal: Portal,
    private readonly person: Person,
    private readonly random: Random,
  ) {
    this.lastStep = person.stack.clock.step();
  }

  /** Makes one change after the other until the process dies, or `ended` says so. */
  async run(ended: () => boolean): Promise<void> {
    while (!ended()) {
      const fresh = this.person.stack.clock.now() - this.loggedInAt < LOGIN_USED_MS;
      if (!(fresh || (await this.logIn())) || !(await this.change())) return;
    }
  }

  /** Logs in, as the owner must always be able to, and checks that what was answered holds. */
  async check(): Promise<void> {
    const before = this.known;
    if (!(await this.logIn())) throw new Error('the owner could not log in');
    if (before !== null && before !== this.known) throw new Error(`${before} was answered, and it is ${this.known}`);
    const { status } = (await this.portal.api.account(this.portal.id, this.person.id)).success().twoFactor;
    if ((status === 'enabled') !== (this.known === 'enabled')) throw new Error(`${status}, and ${this.known}`);
  }

  /** False, here as below: the process died. */
  private async logIn(): Promise<boolean> {
    const { person } = this;
    const first = await outcomeOf(person.enterPassword());
    if ('lost' in first) return false;
    const reply = first.answer.success();
    if (reply.status === 'complete') person.token = reply.accessToken;
    else {
      const second = await outcomeOf(person.stack.api.sendCode(reply.challenge, { code: this.freshCode() }));
      if ('lost' in second) return false;
      person.token = second.answer.success().accessToken;
    }
    this.known = reply.status === 'complete' ? 'open' : 'enabled';
    this.loggedInAt = person.stack.clock.now();
    return true;
  }

  /** Of a time step that was never sent, by whichever secret: one that got no answer may have been used. */
  private freshCode(): string {
    const { phone, stack } = this.person;
    stack.clock.advanceToStep(this.lastStep + 1);
    this.lastStep = stack.clock.step();
    return phone.codeAt(this.lastStep);
  }

  private async change(): Promise<boolean> {
    const { person } = this;
    if (this.known === 'open') return this.setUp();
    this.known = null;
    switch (this.random.between(0, 3)) {
      case 0: {
        const renewed = await outcomeOf(person.api.newBackupCodes());
        if ('lost' in renewed) return false;
        person.backupCodes = renewed.answer.success().backupCodes;
        return this.done('enabled');
      }
      case 1: {
        const disabled = await outcomeOf(person.api.disable());
        if ('lost' in disabled) return false;
        disabled.answer.success();
        return this.done('open');
      }
      default: {
        const reset = await outcomeOf(person.api.reset());
        if ('lost' in reset) return false;
        person.scan(reset.answer.success().otpauthUri);
        this.done('open');
        return this.confirm();
      }
    }
  }

  private async setUp(): Promise<boolean> {
    const begun = await outcomeOf(this.person.api.setUp());
    if ('lost' in begun) return false;
    this.person.scan(begun.answer.success().otpauthUri);
    return this.confirm();
  }

  private async confirm(): Promise<boolean> {
    const { person } = this;
    this.known = null;
    const confirmed = await outcomeOf(person.api.confirm(this.freshCode()));
    if ('lost' in confirmed) return false;
    person.backupCodes = confirmed.answer.success().backupCodes;
    return this.done('enabled');
  }

  private done(known: 'enabled' | 'open'): true {
    this.known = known;
    this.changes += 1;
    return true;
  }
}
