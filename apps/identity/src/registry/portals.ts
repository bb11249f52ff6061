import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { StreamPoint } from '#libs/messaging/src/adopting/adoptions.js';
import { decidePortal, type PortalCommand, type PortalRefusal } from '../accounts/decide-portal.js';
import type { PortalEvent } from '../accounts/events.js';
import { evolvePortal, type Portal } from '../accounts/portal.js';
import type { AccountRef } from './accounts.js';

export const PORTALS = Symbol('Portals');

const details: Record<PortalRefusal['refused'], string> = {
  'portal-exists': 'A portal with this id already exists.',
  'not-found': 'There is no such portal.',
  'last-administrator': 'Appoint another administrator first.',
};

/** The one way to ask or change who administers a portal. */
@Injectable()
export class Portals {
  constructor(@Inject(PORTALS) private readonly aggregates: Aggregates<Portal, PortalEvent>) {}

  async state(portal: string): Promise<Portal> {
    return (await this.aggregates.load(portal)).state;
  }

  /** @throws Problem `not-found` */
  async mustExist(portal: string): Promise<void> {
    if (!(await this.state(portal)).created) throw new Problem('not-found', details['not-found']);
  }

  async isAdministrator({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.state(portal)).administrators.includes(accountId);
  }

  /** Decides and records. Answers with the point that other apps must have reached (R28). @throws Problem the refusal */
  async execute(portal: string, origin: Origin, command: PortalCommand): Promise<StreamPoint> {
    const { answer } = await this.aggregates.execute(portal, origin, (state) => {
      const { events, answer } = decidePortal(command, state);
      return { events, answer: { ...answer, version: events.reduce(evolvePortal, state).factVersion } };
    });
    if ('refused' in answer) throw new Problem(answer.refused, details[answer.refused]);
    return { source: 'identity', stream: portal, version: answer.version };
  }
}
