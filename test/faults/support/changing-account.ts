import type { Answer } from '#test/support/calls/http.js';
import { Authenticator } from '#test/support/people/authenticator.js';
import type { Person, Portal } from '#test/support/people/portal.js';
import type { GoingOn } from './busy-account.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { Random } from '#test/support/random.js';

/** For so long of the product's time a login is used: its proof must stay fresh. */
const LOGIN_USED_MS = 5 * 60_000;

/** A change that was answered 503 ends sessions and logins at the moment when it takes effect. */
const endedLate: readonly unknown[] = ['session-ended', 'invalid-credentials', 'challenge-ended'];

/**
 * An account whose owner resets, disables and sets up 2FA, adds and removes authenticators and makes new backup codes, whatever
 * happens in between.
 */
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
    /** Without it, the first request that gets no answer is the last. */
    private readonly goingOn?: GoingOn,
  ) {
    this.lastStep = person.stack.clock.step();
  }

  /** Makes one change after the other until the process dies, or `ended` says so. */
  async run(ended: () => boolean): Promise<void> {
    while (!ended()) {
      const fresh = this.person.stack.clock.now() - this.loggedInAt < LOGIN_USED_MS;
      if ((fresh || (await this.logIn())) && (await this.change())) continue;
      if (!this.goingOn) return;
      // what it is now is told by a login
      this.loggedInAt = 0;
      await this.goingOn();
    }
  }

  private async sent<T>(call: Promise<Answer<T>>): Promise<Outcome<T>> {
    const outcome = await outcomeOf(call, this.goingOn !== undefined);
    const ended = this.goingOn !== undefined && 'answer' in outcome && endedLate.includes(outcome.answer.code);
    return ended ? { lost: true } : outcome;
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
    const first = await this.sent(person.enterPassword());
    if ('lost' in first) return false;
    const reply = first.answer.success();
    if (reply.status !== 'code-required') person.token = reply.accessToken;
    else {
      const second = await this.sent(person.stack.api.sendCode(reply.challenge, { code: this.freshCode() }));
      if ('lost' in second) return false;
      person.token = second.answer.success().accessToken;
    }
    this.known = reply.status === 'complete' ? 'open' : 'enabled';
    this.loggedInAt = person.stack.clock.now();
    return true;
  }

  /** Of a time step that was never sent, by whichever secret: one that got no answer may have been used. */
  private freshCode(app = this.person.phone): string {
    const { clock } = this.person.stack;
    clock.advanceToStep(this.lastStep + 1);
    this.lastStep = clock.step();
    return app.codeAt(this.lastStep);
  }

  private async change(): Promise<boolean> {
    const { person } = this;
    if (this.known === 'open') return this.setUp();
    this.known = null;
    switch (this.random.between(0, 5)) {
      case 0: {
        const renewed = await this.sent(person.api.newBackupCodes());
        if ('lost' in renewed) return false;
        person.backupCodes = renewed.answer.success().backupCodes;
        return this.done('enabled');
      }
      case 1: {
        const disabled = await this.sent(person.api.disable());
        if ('lost' in disabled) return false;
        disabled.answer.success();
        return this.done('open');
      }
      case 2:
      case 3:
        return this.addOrRemove();
      default: {
        const reset = await this.sent(person.api.reset());
        if ('lost' in reset) return false;
        person.scan(reset.answer.success().otpauthUri);
        this.done('open');
        return this.confirm();
      }
    }
  }

  /** One authenticator more, or one less where there are three; the first one stays. */
  private async addOrRemove(): Promise<boolean> {
    const { api, stack } = this.person;
    const listed = await this.sent(api.authenticators());
    if ('lost' in listed) return false;
    const third = listed.answer.success().authenticators[2];
    if (third) {
      const removed = await this.sent(api.removeAuthenticator(third.id));
      if ('lost' in removed) return false;
      removed.answer.success();
      return this.done('enabled');
    }
    const begun = await this.sent(api.addTotp('Another'));
    if ('lost' in begun) return false;
    const app = new Authenticator(begun.answer.success().otpauthUri, stack.clock);
    const confirmed = await this.sent(api.confirmTotp(this.freshCode(app)));
    if ('lost' in confirmed) return false;
    confirmed.answer.success();
    return this.done('enabled');
  }

  private async setUp(): Promise<boolean> {
    const begun = await this.sent(this.person.api.setUp());
    if ('lost' in begun) return false;
    this.person.scan(begun.answer.success().otpauthUri);
    return this.confirm();
  }

  private async confirm(): Promise<boolean> {
    const { person } = this;
    this.known = null;
    const confirmed = await this.sent(person.api.confirm(this.freshCode()));
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
