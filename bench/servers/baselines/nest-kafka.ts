import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';

@Controller()
class Pong {
  @MessagePattern('nest.ping')
  pong(@Payload() body: object): object {
    return body;
  }
}

@Module({ controllers: [Pong] })
class PongModule {}

/** Nest's own transport: answers each message with itself. */
const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const app = await NestFactory.createMicroservice(PongModule, {
  logger: false,
  transport: Transport.KAFKA,
  options: { client: { brokers }, consumer: { groupId: 'nest' } },
});
await app.listen();
console.log('Pong is ready, not at http://127.0.0.1:0');
process.on('SIGTERM', () => process.exit(0));
