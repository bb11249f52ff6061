import { Injectable } from '@nestjs/common';
import { systemContext } from '#libs/contracts/src/context.js';
import { accountOfActor, type RecordedEvent } from '#libs/contracts/src/events/event.js';
import { identityRequests, MOST_NAMED } from '#libs/contracts/src/messages/requests.js';
import { opaqueId } from '#libs/contracts/src/primitives.js';
import { Requests } from '#libs/messaging/src/requests.js';

/** The present usernames of whom an event is about and of who acted; empty: nobody, or nobody any more. */
export interface Names {
  readonly account: string;
  readonly actor: string;
}

/** Names stand in no event (R42): identity is asked at the border, as for what is personal, and nothing is kept. */
@Injectable()
export class AccountNames {
  constructor(private readonly requests: Requests) {}

  /** Of events of one portal, in order. @throws Problem `unavailable` identity does not answer */
  async of(portal: string, events: readonly RecordedEvent[]): Promise<Names[]> {
    const usernames = await this.#usernamesOf(portal, [...new Set(events.flatMap(idsOf).filter(isId))]);
    const nameOf = (id: string | undefined) => (id === undefined ? undefined : usernames.get(id)) ?? '';
    return events.map((event) => ({ account: nameOf(accountOf(event)), actor: nameOf(actingAccountOf(event)) }));
  }

  async #usernamesOf(portal: string, ids: readonly string[]): Promise<Map<string, string | null | undefined>> {
    const named = new Map<string, string | null | undefined>();
    for (let begin = 0; begin < ids.length; begin += MOST_NAMED) {
      const accountIds = ids.slice(begin, begin + MOST_NAMED);
      const { usernames } = await this.requests.send(
        identityRequests.nameAccounts,
        { portal, accountIds },
        systemContext(),
      );
      accountIds.forEach((id, at) => named.set(id, usernames[at]));
    }
    return named;
  }
}

/** What arrived by the bus may lack anything. */
const accountOf = ({ account }: Partial<RecordedEvent>): string | undefined => account;
const actingAccountOf = ({ actor }: Partial<RecordedEvent>): string | undefined => actor && accountOfActor(actor);
const idsOf = (event: RecordedEvent) => [accountOf(event), actingAccountOf(event)];
const isId = (id: unknown): id is string => opaqueId.safeParse(id).success;
