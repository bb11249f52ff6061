import { z } from 'zod';
import { readableEvent } from '../events/readable.js';
import { accountName, next, opaqueId, pageQuery, portalId, repeated, timestamp } from '../primitives.js';
import { endpoint, NDJSON } from './endpoint.js';

const app = 'audit';
const inPortal = z.strictObject({ portal: portalId });

/** All that is given must hold; of several values one. */
const filter = {
  account: accountName.optional(),
  type: repeated(z.string().max(128).meta({ example: 'two-factor.account-locked.v1' }), 50),
  correlationId: opaqueId.optional().meta({ description: 'Of the request that began it all.' }),
  actor: opaqueId.optional().meta({ description: 'The id of who acted.' }),
  from: timestamp.optional(),
  to: timestamp.optional(),
};
/** Of what has been recorded. */
const listing = {
  ...filter,
  id: repeated(opaqueId, 200),
  order: z
    .enum(['oldest', 'newest'])
    .default('oldest')
    .meta({ description: 'Which comes first. A `next` is good for the order that it was given in.' }),
};

const lastEventId = z
  .string()
  .optional()
  .meta({ description: 'The `id` of the last event that was received. The stream goes on after it.' });

export const auditEndpoints = {
  listEvents: endpoint(app, 'listEvents', 'GET /v1/portals/:portal/events', {
    summary: 'List events of the portal.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject({ ...listing, ...pageQuery }),
    reply: z.strictObject({ events: z.array(readableEvent), next }),
  }),
  streamEvents: endpoint(app, 'streamEvents', 'GET /v1/portals/:portal/events/stream', {
    summary: 'Stream live events (Server-Sent Events), resuming after `Last-Event-ID`.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject(filter),
    headers: z.object({ 'last-event-id': lastEventId }),
    reply: z.string(),
    produces: ['text/event-stream'],
  }),
  exportEvents: endpoint(app, 'exportEvents', 'GET /v1/portals/:portal/events/export', {
    summary: 'Export events of the portal.',
    allow: ['administrator', 'service:events'],
    params: inPortal,
    query: z.strictObject({ ...listing, format: z.enum(['ndjson', 'csv']) }),
    reply: z.string(),
    produces: [NDJSON, 'text/csv'],
  }),
};
