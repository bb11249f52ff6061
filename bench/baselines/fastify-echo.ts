import Fastify from 'fastify';

/** The least that an answer over HTTP costs: the body comes in as JSON and goes out as JSON. */
const app = Fastify();
app.post('/', async (request) => request.body);
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
if (address !== null && typeof address === 'object') console.log(`The echo is at http://127.0.0.1:${address.port}`);
process.on('SIGTERM', () => process.exit(0));
