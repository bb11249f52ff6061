import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { decidePortal, noSuchPortal, type PortalCommand } from '../accounts/decide-portal.js';
import type { PortalEvent } from '#libs/contracts/src/events/identity.js';
import type { Portal } from '../accounts/portal.js';

export const PORTAL_STREAMS = Symbol('the streams of portals');

/** The one way to ask or change who administers a portal. */
@Injectable()
export class Portals {
  constructor(@Inject(PORTAL_STREAMS) private readonly streams: Aggregates<Portal, PortalEvent>) {}

  async state(portal: string): Promise<Portal> {
    return (await this.streams.load(portal)).state;
  }

  recorded(portal: string): Promise<Recorded> {
    return this.streams.recorded(portal);
  }

  /** @throws Problem `not-found` */
  async mustExist(portal: string): Promise<void> {
    if (!(await this.state(portal)).created) accepted(noSuchPortal);
  }

  async isAdministrator({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.state(portal)).administrators.includes(accountId);
  }

  /** Decides and records. Answers with what other apps must have reached (R28). @throws Problem the refusal */
  async execute(portal: string, context: Context, command: PortalCommand): Promise<Recorded> {
    const { answer, recorded } = await this.streams.execute(portal, context, (state) => decidePortal(command, state));
    accepted(answer);
    return recorded;
  }
}
