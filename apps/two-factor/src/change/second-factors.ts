import { Inject, Injectable } from '@nestjs/common';
import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { type TwoFactorEvent, twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { isRefusal, type Refusal } from '#libs/contracts/src/problems.js';
import { type AccountRef, streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Decision, Fold, Recorded, Sealed } from '#libs/event-store/src/decision.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { Serving, Vault } from '#libs/vault/src/port.js';
import { LockEnds } from '../unlock/lock-ends.js';
import { type AnswerTo, type Command, decide } from '../second-factor/decide.js';
import { isLockOver } from '../second-factor/locks.js';
import { evolve, initial, type SecondFactor, secretsNamed } from '../second-factor/state.js';

export const secondFactorFold: Fold<SecondFactor, TwoFactorEvent> = {
  app: 'two-factor',
  contracts: twoFactorEvents,
  initial,
  evolve,
  snapshotVersion: 9,
};

export const SECOND_FACTOR_STREAMS = Symbol('the streams of second factors');
export const VAULT = Symbol('Vault');

/** New entries for the vault, by the id that the event will name. */
export type NewSecrets = Readonly<Record<string, Buffer>>;

/** The one way to ask or change an account's second factor: every entrance ends here, and so in the same `decide`. */
@Injectable()
export class SecondFactors {
  constructor(
    @Inject(SECOND_FACTOR_STREAMS) private readonly streams: Aggregates<SecondFactor, TwoFactorEvent>,
    @Inject(VAULT) private readonly vault: Vault,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly lockEnds: LockEnds,
  ) {}

  async state(account: AccountRef): Promise<SecondFactor> {
    return (await this.streams.load(streamOfAccount(account))).state;
  }

  /** As it is now: the end of a lock that is over is recorded first (R38). */
  async present(account: AccountRef): Promise<SecondFactor> {
    const state = await this.state(account);
    if (!isLockOver(state, this.clock())) return state;
    await this.endLock(account);
    return this.state(account);
  }

  /**
   * By the system, once, by whoever comes first; nothing where no lock is over. Answers when a lock that is there ends by itself;
   * null: there is none.
   */
  async endLock(account: AccountRef): Promise<number | null> {
    const { answer } = await this.streams.execute<number | null>(streamOfAccount(account), systemContext(), (state) => {
      const { events } = decide({ type: 'EndLock' }, state, this.clock());
      return { events, answer: events.length > 0 ? null : state.lockEndsAt };
    });
    return answer;
  }

  /**
   * Decides on the present state and records what was decided. `commandFor` may look at the state (to read a code against
   * its secret) and may refuse by itself; it runs again when another commit came between.
   */
  async execute<C extends Command>(
    account: AccountRef,
    context: Context,
    commandFor: (state: SecondFactor, now: number) => C | Refusal | Promise<C | Refusal>,
    newSecrets: NewSecrets = {},
  ): Promise<{ answer: AnswerTo<C>; recorded: Recorded }> {
    for (;;) {
      const { answer, recorded } = await this.decideOnce(account, context, commandFor, newSecrets);
      if (answer !== null) return { answer, recorded };
      await this.endLock(account);
    }
  }

  /** Null: a lock is over, and its end is to be recorded before anything is decided (R38). */
  private async decideOnce<C extends Command>(
    account: AccountRef,
    context: Context,
    commandFor: (state: SecondFactor, now: number) => C | Refusal | Promise<C | Refusal>,
    newSecrets: NewSecrets,
  ): Promise<{ answer: AnswerTo<C> | null; recorded: Recorded }> {
    const stored = new Set<string>();
    // what was recorded before may be answered while whoever recorded it has not come to the destruction, or has died before it
    let secretsMayBeLeft = true;
    const outcome = await this.streams.execute<AnswerTo<C> | null>(
      streamOfAccount(account),
      context,
      async (state, { now: at }) => {
        const now = this.clock();
        secretsMayBeLeft = false;
        if (isLockOver(state, now)) return { events: [], answer: null };
        const command = await commandFor(state, now);
        // one that was asked for before answers for the first too
        secretsMayBeLeft = !isRefusal(command) && endsSecrets.has(command.type);
        if (isRefusal(command)) return { events: [], answer: command };
        const decision: Decision<TwoFactorEvent, AnswerTo<C>> = decide(command, state, now);
        if (decision.events.some(({ type }) => changesSecrets[type])) {
          secretsMayBeLeft = true;
          // what an event says of a person is sealed later, and names no secret
          const after = decision.events.reduce(
            (next, { type, data }) => evolve(next, { type, data } as Sealed<TwoFactorEvent>, at),
            state,
          );
          await this.prepareSecrets(account, secretsNamed(state), secretsNamed(after), newSecrets, stored);
        }
        for (const { type, data } of decision.events) {
          if (type === 'AccountLocked' && data.endsAt !== undefined)
            await this.lockEnds.note(account, Date.parse(data.endsAt), now);
        }
        return decision;
      },
    );
    if (secretsMayBeLeft) await this.destroyUnnamed(account);
    else if (stored.size > 0) await this.vault.destroy(account.portal, account.accountId, [...stored]);
    return outcome;
  }

  /** Before the events are recorded: what they name is stored, what they drop is noted. */
  private async prepareSecrets(
    { portal, accountId: account }: AccountRef,
    before: readonly string[],
    after: readonly string[],
    newSecrets: NewSecrets,
    stored: Set<string>,
  ): Promise<void> {
    for (const id of after.filter((named) => !before.includes(named))) {
      const plaintext = newSecrets[id];
      if (!plaintext) throw new TypeError('an event names a secret that was not made');
      await this.vault.put({ portal, account, id }, plaintext);
      stored.add(id);
    }
    const dropped = before.filter((named) => !after.includes(named));
    if (dropped.length > 0) await this.vault.touch(portal, account, dropped);
  }

  /** What no event names any more is gone before the answer (R13). */
  private async destroyUnnamed(account: AccountRef): Promise<void> {
    await this.vault.keepOnly(account.portal, account.accountId, () => this.secretsNamedNow(account));
  }

  private async secretsNamedNow(account: AccountRef): Promise<readonly string[]> {
    const { answer } = await this.streams.execute(streamOfAccount(account), systemContext(), (state) => ({
      events: [],
      answer: secretsNamed(state),
    }));
    return answer;
  }

  /**
   * After a crash between an event and the destruction that it asks for; before the app is ready (R13). While it is serving,
   * for what another instance left.
   */
  async recover(serving?: Serving): Promise<number> {
    return this.vault.recover((portal, accountId) => this.secretsNamedNow({ portal, accountId }), serving);
  }
}

/** They end secrets: asked for again, they change nothing, and are answered when those are gone (R13). */
const endsSecrets: ReadonlySet<Command['type']> = new Set(['Disable', 'DisableForUser', 'Erase', 'SettleImports']);

/** Whether the secrets that the log names are others after it. */
const changesSecrets: Readonly<Record<TwoFactorEvent['type'], boolean>> = {
  SecretIssued: true,
  ConfirmationFailed: false,
  SetupFailed: true,
  TwoFactorEnabled: true,
  AuthenticatorAdded: false,
  AuthenticatorRenamed: false,
  AuthenticatorRemoved: true,
  AuthenticatorImported: true,
  SecondFactorImported: true,
  ImportDiscarded: true,
  BackupCodesIssued: true,
  BackupCodeUsed: false,
  AttemptFailed: false,
  AttemptSucceeded: false,
  AccountLocked: false,
  UserUnlocked: false,
  TwoFactorDisabled: true,
  GraceBegan: false,
  SecondFactorErased: true,
};
