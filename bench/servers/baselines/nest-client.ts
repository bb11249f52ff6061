import { Logger } from '@nestjs/common';
import { ClientKafka } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { answerJobs } from '../../process/child.js';
import { type Flow, inFlight } from '../in-flight.js';
import type { PingJob } from './ping.js';

let open: ClientKafka | undefined;
Logger.overrideLogger(false);

async function connect(brokers: readonly string[]): Promise<ClientKafka> {
  const client = new ClientKafka({ client: { brokers: [...brokers] }, consumer: { groupId: 'nest-client' } });
  client.subscribeToResponseOf('nest.ping');
  await client.connect();
  return client;
}

/** Requests by Nest's own Kafka client. */
answerJobs<PingJob, Flow>(async ({ brokers, lanes, ofEach, text }) => {
  const client = (open ??= await connect(brokers));
  return inFlight(lanes, ofEach, () => firstValueFrom(client.send('nest.ping', { text })));
});
