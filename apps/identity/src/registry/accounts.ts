import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { type AccountRef, streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { StreamPoint } from '#libs/messaging/src/adopting/adoptions.js';
import { type Account, evolveAccount, type Profile } from '../accounts/account.js';
import { type AccountCommand, type AccountRefusal, decideAccount } from '../accounts/decide-account.js';
import type { AccountEvent } from '../accounts/events.js';

export type { AccountRef };

/** An account that exists. */
export interface KnownAccount extends AccountRef {
  readonly profile: Profile;
}

export const ACCOUNTS = Symbol('Accounts');

const details: Record<AccountRefusal['refused'], string> = {
  'username-taken': 'Another account in the portal has this username.',
  'not-found': 'There is no such account in the portal.',
  'invalid-credentials': 'The username or password is incorrect.',
};

/** The one way to ask or change an account. */
@Injectable()
export class Accounts {
  constructor(@Inject(ACCOUNTS) private readonly aggregates: Aggregates<Account, AccountEvent>) {}

  async state(ref: AccountRef): Promise<Account> {
    return (await this.aggregates.load(streamOfAccount(ref))).state;
  }

  async find(ref: AccountRef): Promise<KnownAccount | null> {
    const { profile } = await this.state(ref);
    return profile && { portal: ref.portal, accountId: ref.accountId, profile };
  }

  /** @throws Problem `not-found` */
  async get(ref: AccountRef): Promise<KnownAccount> {
    const found = await this.find(ref);
    if (!found) throw new Problem('not-found', details['not-found']);
    return found;
  }

  /** Decides and records. Answers with the point that other apps must have reached (R28). @throws Problem the refusal */
  async execute(ref: AccountRef, origin: Origin, command: AccountCommand): Promise<StreamPoint> {
    const stream = streamOfAccount(ref);
    const { answer } = await this.aggregates.execute(stream, origin, (state) => {
      const { events, answer } = decideAccount(command, state);
      return { events, answer: { ...answer, version: events.reduce(evolveAccount, state).factVersion } };
    });
    if ('refused' in answer) throw new Problem(answer.refused, details[answer.refused]);
    return { source: 'identity', stream, version: answer.version };
  }
}
