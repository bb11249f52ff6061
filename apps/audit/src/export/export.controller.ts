import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditEndpoints } from '#libs/contracts/src/http/audit.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { filterOf } from '../query/filter.js';
import { OpenStreams } from '../stream/open-streams.js';
import { Exports } from './exports.js';
import { formats } from './formats.js';

@Controller()
export class ExportController {
  constructor(
    private readonly exports: Exports,
    private readonly streams: OpenStreams,
  ) {}

  @Handle(auditEndpoints.exportEvents)
  async download(
    @In() { params: { portal }, query }: Input<typeof auditEndpoints.exportEvents>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = formats[query.format];
    const chunks = await this.exports.begin(portal, filterOf(query), query.order);
    this.streams.send(request, reply, {
      endpoint: auditEndpoints.exportEvents,
      portal,
      headers: {
        'content-type': format.mediaType,
        'content-disposition': `attachment; filename="events-${portal}.${format.extension}"`,
      },
      content: (signal) => this.exports.lines(portal, chunks, format, signal),
    });
  }
}
