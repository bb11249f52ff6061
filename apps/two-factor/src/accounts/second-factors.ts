import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '#libs/contracts/src/events/event.js';
import type { Decision, Fold, Origin } from '#libs/event-store/src/decision.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { Vault } from '#libs/vault/src/port.js';
import { type AnswerTo, type Command, decide } from '../second-factor/decide.js';
import { isRefusal, type Refusal } from '../second-factor/errors.js';
import { type TwoFactorEvent, twoFactorEvents } from '../second-factor/events.js';
import { evolve, initial, type SecondFactor, secretsNamed } from '../second-factor/state.js';

/** Whose second factor. */
export interface AccountRef {
  readonly portal: string;
  readonly accountId: string;
}
export const streamOf = ({ portal, accountId }: AccountRef): string => `${portal}/${accountId}`;

export const secondFactorFold: Fold<SecondFactor, TwoFactorEvent> = {
  app: 'two-factor',
  contracts: twoFactorEvents,
  initial,
  evolve,
  snapshotVersion: 1,
};

export const AGGREGATES = Symbol('Aggregates');
export const VAULT = Symbol('Vault');

/** New entries for the vault, by the id that the event will name. */
export type NewSecrets = Readonly<Record<string, Buffer>>;

/** The one way to ask or change an account's second factor: every entrance ends here, and so in the same `decide`. */
@Injectable()
export class SecondFactors {
  constructor(
    @Inject(AGGREGATES) private readonly aggregates: Aggregates<SecondFactor, TwoFactorEvent>,
    @Inject(VAULT) private readonly vault: Vault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async state(account: AccountRef): Promise<SecondFactor> {
    return (await this.aggregates.load(streamOf(account))).state;
  }

  /**
   * Decides on the present state and records what was decided. `commandFor` may look at the state (to read a code against
   * its secret) and may refuse unread; it runs again when another commit came between.
   */
  async execute<C extends Command>(
    account: AccountRef,
    origin: Origin,
    commandFor: (state: SecondFactor, now: number) => C | Refusal | Promise<C | Refusal>,
    newSecrets: NewSecrets = {},
  ): Promise<{ answer: AnswerTo<C>; version: number }> {
    let secretsChange = false;
    const outcome = await this.aggregates.execute<AnswerTo<C>>(
      streamOf(account),
      origin,
      async (state, { now: at }) => {
        const now = this.clock();
        const command = await commandFor(state, now);
        if (isRefusal(command)) return { events: [], answer: command };
        const decision: Decision<TwoFactorEvent, AnswerTo<C>> = decide(command, state, now);
        secretsChange = await this.prepareSecrets(account, state, decision.events, at, newSecrets);
        return decision;
      },
    );
    if (secretsChange) await this.destroyUnnamed(account, origin.actor);
    return outcome;
  }

  /** Before events that name a new secret, or drop one, are recorded: the new one is stored, and the account noted. */
  private async prepareSecrets(
    { portal, accountId: account }: AccountRef,
    state: SecondFactor,
    events: readonly TwoFactorEvent[],
    at: number,
    newSecrets: NewSecrets,
  ): Promise<boolean> {
    if (!events.some(({ type }) => changesSecrets.has(type))) return false;
    const before = secretsNamed(state);
    const after = secretsNamed(events.reduce((next, event) => evolve(next, event, at), state));
    const added = after.filter((id) => !before.includes(id));
    for (const id of added) {
      const plaintext = newSecrets[id];
      if (!plaintext) throw new TypeError('an event names a secret that was not made');
      await this.vault.put({ portal, account, id }, plaintext);
    }
    if (added.length === 0) await this.vault.touch(portal, account);
    return true;
  }

  /** What no event names any more is gone before the answer (R13). In the account's turn, so that no new entry is taken for an old one. */
  private async destroyUnnamed(account: AccountRef, actor: Actor): Promise<void> {
    await this.aggregates.execute(streamOf(account), { actor }, async (state) => {
      await this.vault.keepOnly(account.portal, account.accountId, secretsNamed(state));
      return { events: [], answer: {} };
    });
  }

  /** After a crash between an event and the destruction that it asks for; before the app is ready (R13). */
  async recover(): Promise<number> {
    return this.vault.recover(async (portal, accountId) => secretsNamed(await this.state({ portal, accountId })));
  }
}

const changesSecrets: ReadonlySet<TwoFactorEvent['type']> = new Set<TwoFactorEvent['type']>([
  'SecretIssued',
  'SetupFailed',
  'TwoFactorEnabled',
  'BackupCodesIssued',
  'TwoFactorDisabled',
]);
