import type { FastifyInstance } from 'fastify';
import { Problem } from '#libs/contracts/src/problems.js';
import type { PageFiles } from './page-files.js';

const FOR_GOOD = 'public, max-age=31536000, immutable';

/** Every path under `/console/` that is no file is a screen of the page. */
export function servePages(fastify: FastifyInstance, files: PageFiles | null): void {
  for (const path of ['/', '/console']) {
    fastify.get(path, async (_, reply) => reply.redirect('/console/', 302));
  }
  fastify.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
    if (files === null) throw new Problem('not-found', 'The console has not been built. Run npm run build.');
    const file = files.find(request.params['*']);
    if (file === undefined) throw new Problem('not-found');
    void reply.type(file.type);
    if (file.lasting) void reply.header('cache-control', FOR_GOOD);
    if (file.gzipped === undefined) return reply.send(file.body);
    void reply.header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.body);
    return reply.header('content-encoding', 'gzip').send(await file.gzipped());
  });
}
