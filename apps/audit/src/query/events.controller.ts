import { Controller } from '@nestjs/common';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { EventPages } from './event-pages.js';
import { filterOf } from './filter.js';

@Controller()
export class EventsController {
  constructor(private readonly pages: EventPages) {}

  @Handle(auditEndpoints.listEvents)
  list(
    @In() { params, query }: Input<typeof auditEndpoints.listEvents>,
  ): Promise<ReplyOf<typeof auditEndpoints.listEvents>> {
    return this.pages.page(params.portal, filterOf(query), query);
  }
}
