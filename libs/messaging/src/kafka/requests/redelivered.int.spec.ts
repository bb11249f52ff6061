import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { pino } from 'pino';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { type RequestDelivery, Requests } from '../../requests.js';
import { startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { kafkaGround } from '../testing/kafka-ground.js';
import { withKafka } from '../testing/with-kafka.js';

const { describeAccounts } = twoFactorRequests;

const delivered: RequestDelivery[] = [];
let answering = true;

@Controller()
class Noting {
  @MessagePattern(describeAccounts.pattern)
  describe(@Ctx() delivery: RequestDelivery): unknown {
    delivered.push(delivery);
    return answering ? { accounts: [] } : new Promise(() => undefined);
  }
}

await withKafka('a request that an instance had in hand when it was killed', ({ brokers }) => {
  it('comes to the next one by the same id, as one that may have come before; its asker is answered', async () => {
    const ground = kafkaGround(brokers);
    const logger = pino({ level: 'silent' });
    const asker = await ground.start(logger);
    const requests = new Requests(asker.bus.join('identity', asker.engine('identity')).client);
    const ask = () => requests.send(describeAccounts, { portal: 'demo', accountIds: ['a1'] }, { timeoutMs: 9_000 });
    const take = async () => {
      const { bus, engine, kill } = await ground.start(logger);
      const app = await startApp(bus.join('two-factor', engine('two-factor')), Noting);
      return { bus, app, kill };
    };
    const killed = await take();
    await ask();
    answering = false;
    const asking = ask();
    await eventually(() => expect(delivered).toHaveLength(2));
    await killed.kill();
    answering = true;
    const next = await take();
    try {
      expect(await asking).toEqual({ accounts: [] });
      await ask();
      const [answered, inHand] = delivered as [RequestDelivery, RequestDelivery];
      const later = delivered.at(-1);
      expect(new Set([answered.id, inHand.id, later?.id]).size).toBe(3);
      expect([inHand.first, later?.first]).toEqual([true, true]);
      const again = delivered.slice(2, -1);
      // the one that was answered may come again too: offsets are committed a moment later
      expect(again.filter(({ id }) => id !== answered.id)).toEqual([{ id: inHand.id, first: false }]);
      expect(again.every(({ first }) => !first)).toBe(true);
    } finally {
      await next.app.close();
      await killed.app.close();
      await Promise.all([next.bus.close(), asker.bus.close()]);
      await ground.close();
    }
  });
});
