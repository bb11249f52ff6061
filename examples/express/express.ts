/** A second factor for an Express application that has users and sessions: see libs/client/README.md. */
import type { AddressInfo } from 'node:net';
import { Twinlock } from '@twinlock/client';
import { newGateway } from '@twinlock/client/gateway';
import { newTwoFactor } from '@twinlock/client/gateway/express';
import express, { type Request } from 'express';
import session from 'express-session';
import { userBy } from '../gateway/people.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}
const { TWINLOCK_URL = 'http://127.0.0.1:3000', SERVICE_TOKEN = '', PORTAL = '', SESSION_SECRET = '' } = process.env;
const textOf = ({ body }: Request, name: string) => String((body as Record<string, string> | undefined)?.[name]);

const twinlock = new Twinlock({ url: TWINLOCK_URL, token: SERVICE_TOKEN });
const twoFactor = newTwoFactor<Request>({
  gateway: newGateway({ twinlock, portal: PORTAL }),
  accountOf: ({ session: { userId } }) => (userId === undefined ? undefined : { externalId: userId }),
});
const app = express();
app.use(express.json(), session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false }));
app.post('/login', async (request, response) => {
  const user = userBy(textOf(request, 'username'), textOf(request, 'password'));
  if (!user) return void response.status(401).json({ outcome: 'refused' });
  request.session.userId = user.id;
  response.json(await twoFactor.begin(request, { externalId: user.id }));
});
app.post('/login/code', async (request, response) => {
  response.json(await twoFactor.verify(request, textOf(request, 'code')));
});
app.get('/', twoFactor.guard, ({ session: { userId } }, response) => void response.json({ userId }));
const server = app.listen(Number(process.env.PORT ?? 3100), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
