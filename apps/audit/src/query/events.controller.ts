import { Controller } from '@nestjs/common';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { EventPages } from './event-pages.js';
import { filterOf } from './filter.js';
import { OpenedEvents } from './opened-events.js';

@Controller()
export class EventsController {
  constructor(
    private readonly pages: EventPages,
    private readonly opened: OpenedEvents,
  ) {}

  @Handle(auditEndpoints.listEvents)
  async list(
    @In() { params, query, context }: Input<typeof auditEndpoints.listEvents>,
  ): Promise<ReplyOf<typeof auditEndpoints.listEvents>> {
    const { events, next } = await this.pages.page(params.portal, filterOf(query), query);
    return { events: await this.opened.of(params.portal, events, context), next };
  }
}
