import 'reflect-metadata';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommandBus, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

/** The same by the frameworks of the product: Nest on Fastify, a command that does nothing. */
class Echo extends Command<object> {
  constructor(readonly body: object) {
    super();
  }
}

@CommandHandler(Echo)
class EchoHandler implements ICommandHandler<Echo> {
  async execute({ body }: Echo): Promise<object> {
    return body;
  }
}

@Controller()
class EchoController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(200)
  echo(@Body() body: object): Promise<object> {
    return this.commands.execute(new Echo(body));
  }
}

@Module({ imports: [CqrsModule.forRoot()], controllers: [EchoController], providers: [EchoHandler] })
class EchoModule {}

const app = await NestFactory.create<NestFastifyApplication>(EchoModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
console.log(`The echo is at ${await app.getUrl()}`);
process.on('SIGTERM', () => process.exit(0));
