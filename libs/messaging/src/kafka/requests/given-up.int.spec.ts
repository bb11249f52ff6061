import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { pino } from 'pino';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '../../requests.js';
import { startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { kafkaGround } from '../testing/kafka-ground.js';
import { withKafka } from '../testing/with-kafka.js';

const { describeAccounts } = twoFactorRequests;

const carriedOut: string[] = [];

@Controller()
class Noting {
  @MessagePattern(describeAccounts.pattern)
  describe({ accountIds }: { accountIds: string[] }): unknown {
    carriedOut.push(...accountIds);
    return { accounts: [] };
  }
}

await withKafka('a request that was given up', ({ brokers }) => {
  it.each(['at the start', 'later'])(
    'while no broker could be reached, %s, is not carried out afterwards',
    async (when) => {
      carriedOut.length = 0;
      const ground = kafkaGround(brokers);
      const logger = pino({ level: 'silent' });
      const serving = await ground.start(logger);
      const app = await startApp(serving.bus.join('two-factor', serving.engine('two-factor')), Noting);
      const asker = await ground.start(logger);
      if (when === 'at the start') asker.cut();
      const requests = new Requests(asker.bus.join('identity', asker.engine('identity')).ask);
      const ask = (accountId: string, timeoutMs = 9_000) =>
        requests.send(describeAccounts, { portal: 'demo', accountIds: [accountId] }, aContext(), { timeoutMs });
      try {
        if (when === 'later') {
          await ask('before');
          asker.cut();
        }
        for (let i = 0; i < 20; i++) {
          await expect(ask('given-up', 100)).rejects.toMatchObject({ code: 'unavailable' });
        }
        asker.mend();
        await eventually(() => ask('after', 1_000));
        for (let i = 0; i < 5; i++) await ask('after');
        const late = carriedOut.filter((id) => id === 'given-up').length;
        // what was with the client of Kafka already cannot be called back
        expect(late).toBeLessThanOrEqual(when === 'later' ? 4 : 0);
      } finally {
        await app.close();
        await Promise.all([serving.bus.close(), asker.bus.close()]);
        await ground.close();
      }
    },
    60_000,
  );
});
