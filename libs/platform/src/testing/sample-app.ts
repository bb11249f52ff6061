import { Controller, Module, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { endpoint } from '#libs/contracts/src/http/endpoint.js';
import { pageQuery, portalId } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import type { AppDefinition } from '../app.js';
import { Handle, In, type Input } from '../http/handle.js';

const app = 'identity';
const inPortal = z.strictObject({ portal: portalId });
const who = z.strictObject({ kind: z.string(), portal: z.string().optional() });

/** One call of each kind that the guard and the filter tell apart. */
export const sampleEndpoints = {
  echo: endpoint(app, 'echo', 'POST /v1/echo', {
    summary: 'What was sent.',
    allow: ['public'],
    body: z.strictObject({ text: z.string().max(20_000), number: z.int().optional() }),
    reply: z.looseObject({ text: z.string() }),
  }),
  address: endpoint(app, 'address', 'GET /v1/address', {
    summary: 'Where the caller is.',
    allow: ['public'],
    query: z.strictObject(pageQuery),
    reply: z.strictObject({ address: z.string(), limit: z.int() }),
  }),
  mine: endpoint(app, 'mine', 'GET /v1/mine', { summary: 'Who am I?', allow: ['session'], reply: who }),
  change: endpoint(app, 'change', 'PUT /v1/portals/:portal/things', {
    summary: 'For administrators and tools.',
    allow: ['administrator', 'service:commands'],
    proof: { bodyWith: { open: [true] } },
    params: inPortal,
    body: z.strictObject({ name: z.string(), open: z.boolean().optional() }),
    reply: who,
  }),
  remove: endpoint(app, 'remove', 'DELETE /v1/portals/:portal', {
    summary: 'For the operator.',
    allow: ['operator'],
    params: inPortal,
  }),
  fail: endpoint(app, 'fail', 'POST /v1/fail/:how', {
    summary: 'Fails.',
    allow: ['public'],
    params: z.strictObject({ how: z.string() }),
    reply: z.strictObject({ never: z.literal(true) }),
  }),
  stream: endpoint(app, 'stream', 'GET /v1/stream', {
    summary: 'Never ends.',
    allow: ['public'],
    reply: z.string(),
    produces: ['text/event-stream'],
  }),
};

@Controller()
class SampleController {
  @Handle(sampleEndpoints.echo)
  async echo(@In() { body }: Input<typeof sampleEndpoints.echo>) {
    return body;
  }

  @Handle(sampleEndpoints.address)
  async address(@In() { address, query }: Input<typeof sampleEndpoints.address>) {
    return { address, limit: query.limit };
  }

  @Handle(sampleEndpoints.mine)
  async mine(@In() { caller }: Input<typeof sampleEndpoints.mine>) {
    return { kind: caller.kind };
  }

  @Handle(sampleEndpoints.change)
  async change(@In() { caller, params }: Input<typeof sampleEndpoints.change>) {
    return { kind: caller.kind, portal: params.portal };
  }

  @Handle(sampleEndpoints.remove)
  async remove(): Promise<void> {}

  @Handle(sampleEndpoints.fail)
  async fail(@In() { params }: Input<typeof sampleEndpoints.fail>) {
    switch (params.how) {
      case 'refused':
        throw new Problem('too-many-attempts', undefined, { retryAfter: 7 });
      case 'store':
        throw new StoreUnavailable('the disk is full at /secret/path');
      case 'wrong-reply':
        // as JavaScript that no compiler has seen
        return { never: false, password: 'hunter2' } as never;
      case 'no-error-at-all':
        throw JSON.parse('{"password":"hunter2"}');
      default:
        throw new Error('hunter2 was the payload');
    }
  }

  @Handle(sampleEndpoints.stream)
  stream(@In() _: Input<typeof sampleEndpoints.stream>, @Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write(': here\n\n');
  }
}

@Module({ controllers: [SampleController] })
class SampleModule {}

export const sampleApp: AppDefinition = { name: app, module: SampleModule };
