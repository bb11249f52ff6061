import { z } from 'zod';
import { readableEvent } from '../events/readable.js';
import { next, opaqueId, pageQuery, portalId, timestamp } from '../primitives.js';
import { endpoint } from './endpoint.js';

const app = 'audit';
const inPortal = z.strictObject({ portal: portalId });
const filter = {
  account: opaqueId.optional(),
  type: z.string().max(128).optional().meta({ example: 'two-factor.account-locked.v1' }),
  from: timestamp.optional(),
  to: timestamp.optional(),
};

export const auditEndpoints = {
  listEvents: endpoint(app, 'listEvents', 'GET /v1/portals/:portal/events', {
    summary: 'List events of the portal, oldest first.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject({ ...filter, ...pageQuery }),
    reply: z.strictObject({ events: z.array(readableEvent), next }),
  }),
  streamEvents: endpoint(app, 'streamEvents', 'GET /v1/portals/:portal/events/stream', {
    summary: 'Stream live events (Server-Sent Events), resuming after `Last-Event-ID`.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject(filter),
    reply: z.string(),
    produces: ['text/event-stream'],
  }),
  exportEvents: endpoint(app, 'exportEvents', 'GET /v1/portals/:portal/events/export', {
    summary: 'Export events of the portal.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject({ ...filter, format: z.enum(['ndjson', 'csv']) }),
    reply: z.string(),
    produces: ['application/x-ndjson', 'text/csv'],
  }),
};
