import type { Api } from '#test/support/calls/client.js';
import { noBackupCode, type Typed } from '#test/support/calls/entrances.js';
import type { Answer } from '#test/support/calls/http.js';
import type { Person, Portal } from '#test/support/people/portal.js';
import { Journal } from './journal.js';
import { outcomeOf } from './outcome.js';
import type { Random } from '#test/support/random.js';

/** Waits a moment after a request that got no answer, or a 503. */
export type GoingOn = () => Promise<unknown>;

/** An account under attack and in use at once: codes of all kinds at a gateway, and an administrator who unlocks it. */
export class BusyAccount {
  readonly journal = new Journal();
  private challenges: string[] = [];

  constructor(
    readonly portal: Portal,
    readonly person: Person,
    private readonly gateway: Api,
    private readonly tool: Api,
    private readonly random: Random,
    /** Called as soon as an answer is noted. */
    private readonly answered: () => void,
    /** Without it, the first request that gets no answer is the last. */
    private readonly goingOn?: GoingOn,
  ) {}

  /** Sends one thing after the other until the process dies, or `ended` says so. */
  async run(ended: () => boolean): Promise<void> {
    while (!ended()) {
      const alive = this.random.chance(0.04) ? await this.unlock() : await this.attempt();
      if (alive) this.answered();
      else if (this.goingOn) await this.goingOn();
      else return;
    }
  }

  private sent<T>(call: Promise<Answer<T>>) {
    return outcomeOf(call, this.goingOn !== undefined);
  }

  private async attempt(): Promise<boolean> {
    const challenge =
      this.random.chance(0.8) && this.challenges.length > 0 ? this.random.pick(this.challenges) : undefined;
    if (challenge === undefined) return this.open();
    const { typed, passed } = this.type();
    const outcome = await this.sent(this.gateway.verifyChallenge(challenge, typed));
    if ('lost' in outcome) {
      this.journal.lostAttempts += 1;
      return false;
    }
    const { answer } = outcome;
    switch (answer.code) {
      case null:
        this.challenges = this.challenges.filter((other) => other !== challenge);
        passed?.();
        if (!passed) throw new Error('a wrong code passed');
        break;
      case 'wrong-code':
        this.journal.attemptsLeft.push(Number(answer.refused('wrong-code').attemptsLeft));
        break;
      case 'account-locked':
        this.journal.refusedAsLocked += 1;
        break;
      default:
        answer.refused('challenge-ended');
        this.challenges = this.challenges.filter((other) => other !== challenge);
    }
    return true;
  }

  /** A code of the present step, of one that was used, of none; a backup code, fresh or used. */
  private type(): { typed: Typed; passed?: () => void } {
    const { phone, backupCodes, stack } = this.person;
    const { passedSteps, passedBackupCodes } = this.journal;
    const kind = this.random.fraction();
    if (kind < 0.5) return { typed: { code: phone.wrongCode() } };
    if (kind < 0.6) return { typed: { backupCode: noBackupCode } };
    if (kind < 0.75) {
      const backupCode = this.random.pick(backupCodes);
      return { typed: { backupCode }, passed: () => passedBackupCodes.push(backupCode) };
    }
    const step = kind < 0.85 && passedSteps.length > 0 ? this.random.pick(passedSteps) : stack.clock.step();
    return { typed: { code: phone.codeAt(step) }, passed: () => passedSteps.push(step) };
  }

  private async open(): Promise<boolean> {
    const outcome = await this.sent(this.gateway.openChallenge(this.portal.id, this.person.id));
    if ('lost' in outcome) return false;
    const { answer } = outcome;
    if (answer.code !== null) answer.refused('account-locked');
    else {
      const opened = answer.success();
      if (!opened.required) throw new Error('no code is needed for an account with 2FA');
      this.challenges = [...this.challenges.slice(-3), opened.challenge];
    }
    return true;
  }

  private async unlock(): Promise<boolean> {
    const outcome = await this.sent(this.tool.unlock(this.portal.id, this.person.id));
    if ('lost' in outcome) {
      this.journal.lostUnlocks += 1;
      return false;
    }
    if (outcome.answer.code === null) this.journal.unlocked += 1;
    else outcome.answer.refused('not-locked');
    return true;
  }
}
