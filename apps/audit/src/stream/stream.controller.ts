import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { filterOf } from '../query/filter.js';
import { LiveEvents } from './live-events.js';
import { OpenStreams } from './open-streams.js';

@Controller()
export class StreamController {
  constructor(
    private readonly live: LiveEvents,
    private readonly streams: OpenStreams,
  ) {}

  @Handle(auditEndpoints.streamEvents)
  async stream(
    @In() { params: { portal }, query, headers }: Input<typeof auditEndpoints.streamEvents>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = filterOf(query);
    const beginning = await this.live.beginning(portal, filter, headers['last-event-id']);
    this.streams.send(request, reply, {
      endpoint: auditEndpoints.streamEvents,
      portal,
      // The header of the last line asks nginx not to collect the stream before it passes it on.
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      content: (signal) => this.live.after(portal, filter, beginning, signal),
    });
  }
}
