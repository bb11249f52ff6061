import { setTimeout as after } from 'node:timers/promises';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { checkStreams, shortType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import type { Stack } from '#test/support/process/stack.js';
import { until } from '#test/support/until.js';
import { BusyAccount } from '../support/busy-account.js';
import { ChangingAccount } from '../support/changing-account.js';
import { Follower } from '../support/follower.js';
import { checkAttempts, checkJournal } from '../support/journal.js';
import type { Random } from '#test/support/random.js';

const ACCOUNTS = 3;
/** At once, for each account. */
const SENDERS = 2;
const LIMITS = [100, 3] as const;
/** Until a request is tried again that got no answer. */
const PAUSE_MS = 100;
const HEALED_MS = 90_000;

/** Everybody at once: guesses, logins, unlocks, resets, and a follower of each portal's events. They go on whatever dies. */
export class Load {
  readonly busy: BusyAccount[] = [];
  readonly portals: Portal[] = [];
  private readonly followers: Follower[] = [];
  private changing: ChangingAccount | undefined;
  private ended = false;
  private hangUp = new AbortController();
  private work: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly stack: Stack,
    private readonly random: Random,
  ) {}

  static async on(stack: Stack, random: Random): Promise<Load> {
    const load = new Load(stack, random);
    for (const maxFailedAttempts of LIMITS) await load.enter(await Portal.make(stack, { maxFailedAttempts }));
    const [portal] = load.portals as [Portal];
    load.changing = new ChangingAccount(portal, await portal.enrolled(), random, goingOn);
    return load;
  }

  private async enter(portal: Portal): Promise<void> {
    const { stack, random } = this;
    this.portals.push(portal);
    const [gateway, tool] = [await portal.service('challenges'), await portal.service('commands')];
    for (let i = 0; i < ACCOUNTS; i += 1) {
      this.busy.push(new BusyAccount(portal, await portal.enrolled(), gateway, tool, random, () => {}, goingOn));
    }
    const { token } = await portal.serviceToken('events');
    const from = '1970-01-01T00:00:00.000Z';
    this.followers.push(new Follower(`${stack.origin}/v1/portals/${portal.id}/events/stream?from=${from}`, token));
  }

  get answered(): number {
    return this.busy.reduce((sum, { journal }) => sum + journal.answered, 0);
  }
  get changes(): number {
    return this.changing?.changes ?? 0;
  }

  /** `changing`: accounts are reset, disabled and set up too. */
  start({ changing = true } = {}): void {
    const ended = () => this.ended;
    this.ended = false;
    this.hangUp = new AbortController();
    const { signal } = this.hangUp;
    const follow = async (follower: Follower) => {
      while (!signal.aborted) {
        await follower.follow(signal);
        await goingOn();
      }
    };
    this.work = Promise.all([
      ...this.busy.flatMap((account) => Array.from({ length: SENDERS }, () => account.run(ended))),
      ...(changing && this.changing ? [this.changing.run(ended)] : []),
      ...this.followers.map(follow),
    ]);
    this.work.catch(() => 'seen at the end, or while it is waited for');
  }

  /** Resolves when so many more attempts have been answered; rejects with what was wrong with an answer. */
  async more(attempts: number, withinMs = HEALED_MS): Promise<void> {
    const before = this.answered;
    await Promise.race([
      this.work.then(() => {
        throw new Error('the load has ended');
      }),
      until(`${attempts} more attempts are answered`, () => this.answered >= before + attempts, withinMs),
    ]);
  }

  /** Changes are made again, which need every part of the product. */
  async moreChanges(count: number, withinMs = HEALED_MS): Promise<void> {
    const before = this.changes;
    await Promise.race([
      this.work.then(() => {
        throw new Error('the load has ended');
      }),
      until(`${count} more changes are made`, () => this.changes >= before + count, withinMs),
    ]);
  }

  async stop(): Promise<void> {
    this.ended = true;
    this.hangUp.abort();
    await this.work;
  }

  /** Throws unless everything answered is in the log, once, in order and within the limits, and was told to the followers. */
  async check(): Promise<void> {
    for (const [i, portal] of this.portals.entries()) {
      await portal.admin.signIn();
      const events = await portal.allEvents();
      checkStreams(events);
      for (const { person, journal } of this.busy.filter((account) => account.portal === portal)) {
        const own = events.filter((event) => event.account === person.id && event.type.startsWith('two-factor.'));
        checkAttempts(own, LIMITS[i] as number);
        checkJournal(journal, own);
        const last = own.findLast((event) => /^(AccountLocked|UserUnlocked)$/.test(shortType(event)));
        const expected = last && shortType(last) === 'AccountLocked' ? 'locked' : 'active';
        const { status } = (await portal.api.account(portal.id, person.id)).success();
        if (status !== expected) throw new Error(`${person.id} is ${status}, and its events say ${expected}`);
      }
      await this.checkFollower(this.followers[i] as Follower, events);
    }
    await this.changing?.check();
  }

  private async checkFollower(follower: Follower, events: readonly RecordedEvent[]): Promise<void> {
    const hangUp = new AbortController();
    const following = follower.follow(hangUp.signal);
    const told = () => new Set(follower.events.map(({ id }) => id));
    await until('the last events come', () => events.every(({ id }) => told().has(id)));
    hangUp.abort();
    await following;
    const first = new Map(follower.events.map((event) => [event.id, event]));
    checkStreams([...first.values()].filter(({ id }) => events.some((event) => event.id === id)));
    const times = follower.events.length - first.size;
    if (times > follower.events.length / 2) throw new Error(`${times} events were told again`);
  }

  get seen(): Readonly<Record<string, number>> {
    const sum = (count: (account: BusyAccount) => number) =>
      this.busy.reduce((all, account) => all + count(account), 0);
    return {
      passed: sum(({ journal }) => journal.passedSteps.length),
      byBackupCode: sum(({ journal }) => journal.passedBackupCodes.length),
      failed: sum(({ journal }) => journal.attemptsLeft.length),
      refusedAsLocked: sum(({ journal }) => journal.refusedAsLocked),
      unlocked: sum(({ journal }) => journal.unlocked),
      lost: sum(({ journal }) => journal.lostAttempts),
      changes: this.changes,
    };
  }

  /** Some moment of the load. */
  someMoment(): Promise<unknown> {
    return after(this.random.between(0, 60));
  }
}

const goingOn = (): Promise<unknown> => after(PAUSE_MS);
