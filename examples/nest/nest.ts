/** A second factor for a Nest application that has users and sessions: see libs/client/README.md. */
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { Body, Controller, Get, Module, Post, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Twinlock } from '@twinlock/client';
import { newGateway } from '@twinlock/client/gateway';
import { newTwoFactor, type RequestWithSession } from '@twinlock/client/gateway/nest';
import { userBy } from '../gateway/people.js';

type Request = RequestWithSession & { session: { userId?: string } };
const { TWINLOCK_URL = 'http://127.0.0.1:3000', SERVICE_TOKEN = '', PORTAL = '', SESSION_SECRET = '' } = process.env;
const gateway = newGateway({ twinlock: new Twinlock({ url: TWINLOCK_URL, token: SERVICE_TOKEN }), portal: PORTAL });
const accountOf = ({ session: { userId } }: Request) => (userId === undefined ? undefined : { externalId: userId });
const twoFactor = newTwoFactor<Request>({ gateway, accountOf });
@Controller()
class Application {
  @Post('login') async login(@Req() request: Request, @Body() { username, password }: Record<string, unknown>) {
    const user = userBy(String(username), String(password));
    if (!user) throw new UnauthorizedException({ outcome: 'refused' });
    request.session.userId = user.id;
    return twoFactor.begin(request, { externalId: user.id });
  }
  @Post('login/code') code(@Req() request: Request, @Body() { code }: Record<string, unknown>) {
    return twoFactor.verify(request, String(code));
  }
  @Get() @UseGuards(twoFactor.guard) home(@Req() { session: { userId } }: Request) {
    return { userId };
  }
}
@Module({ controllers: [Application] })
class Root {}
const app = await NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(), {
  logger: false,
});
await app.register(cookie);
await app.register(session, { secret: SESSION_SECRET, cookie: { secure: false, sameSite: 'strict' } });
await app.listen(Number(process.env.PORT ?? 3100), '127.0.0.1');
console.log(await app.getUrl());
