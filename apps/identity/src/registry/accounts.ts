import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import type { AccountEvent, Person } from '#libs/contracts/src/events/identity.js';
import { accepted } from '#libs/contracts/src/problems.js';
import { type AccountRef, streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Aggregate, Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { type Account, type Profile, profileOf } from '../accounts/account.js';
import {
  type AccountCommand,
  asksForPerson,
  decideAccount,
  deletedAccount,
  noSuchAccount,
} from '../accounts/decide-account.js';

/** An account that exists. */
export interface KnownAccount extends AccountRef {
  readonly profile: Profile;
  readonly suspendedAt: number | null;
  readonly lastLoginAt: number | null;
  /** Since when `profile.email` has been what it is. */
  readonly emailSince: number | null;
}

export const ACCOUNT_STREAMS = Symbol('the streams of accounts');

/** The one way to ask or change an account. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(ACCOUNT_STREAMS) private readonly streams: Aggregates<Account, AccountEvent>,
    private readonly keys: PersonalKeys,
  ) {}

  async state(ref: AccountRef): Promise<Account> {
    return (await this.load(ref)).state;
  }

  load(ref: AccountRef): Promise<Aggregate<Account>> {
    return this.streams.load(streamOfAccount(ref));
  }

  async find({ portal, accountId }: AccountRef): Promise<KnownAccount | null> {
    const state = await this.state({ portal, accountId });
    const profile = state.deleted ? null : await this.open(portal, state);
    const { suspendedAt, lastLoginAt, emailSince } = state;
    return profile && { portal, accountId, profile, suspendedAt, lastLoginAt, emailSince };
  }

  /** @throws Problem `not-found`, `account-deleted` */
  async get(ref: AccountRef): Promise<KnownAccount> {
    const found = await this.find(ref);
    if (found) return found;
    return accepted((await this.state(ref)).deleted ? deletedAccount : noSuchAccount);
  }

  recorded(ref: AccountRef): Promise<Recorded> {
    return this.streams.recorded(streamOfAccount(ref));
  }

  /** Decides and records. Answers with what other apps must have reached (R28). @throws Problem the refusal */
  async execute(ref: AccountRef, context: Context, command: AccountCommand): Promise<Recorded> {
    const { answer, recorded } = await this.streams.execute(
      streamOfAccount(ref),
      context,
      asksForPerson(command)
        ? async (state) => decideAccount(command, state, await this.open(ref.portal, state))
        : (state) => decideAccount(command, state),
    );
    accepted(answer);
    return recorded;
  }

  /** Null: there is no such account, or its key was destroyed. */
  async open(portal: string, { profile }: Account): Promise<Profile | null> {
    if (!profile) return null;
    const [person] = await this.keys.open(portal, [profile.person]);
    return person ? profileOf(profile, JSON.parse(person) as Person) : null;
  }
}
