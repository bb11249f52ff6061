import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { adoptedRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { Adoptions } from './adoptions.js';

/** Answers the other apps once this one acts by what they changed (R28). */
export function adoptedController(app: SourceApp): Type {
  @Controller()
  class AdoptedController {
    constructor(private readonly adoptions: Adoptions) {}

    @MessagePattern(adoptedRequests[app].pattern)
    async adopted(@Payload() recorded: Recorded): Promise<Record<string, never>> {
      if (await this.adoptions.reached(recorded)) return {};
      throw new Problem('not-yet-effective', undefined, { retryAfter: 1 });
    }
  }
  return AdoptedController;
}
