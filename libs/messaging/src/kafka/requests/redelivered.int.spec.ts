import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { pino } from 'pino';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import type { Context } from '#libs/contracts/src/context.js';
import { Requests } from '../../requests.js';
import { startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { kafkaGround } from '../testing/kafka-ground.js';
import { withKafka } from '../testing/with-kafka.js';

const { describeAccounts } = twoFactorRequests;

const delivered: NonNullable<Context['command']>[] = [];
let answering = true;
let release: (() => void) | undefined;

@Controller()
class Noting {
  @MessagePattern(describeAccounts.pattern)
  describe(@Ctx() { command }: Context): unknown {
    delivered.push(command!);
    if (answering) return { accounts: [] };
    return new Promise((resolve) => (release = () => resolve({ accounts: [] })));
  }
}

await withKafka('a request that an instance had in hand when it was killed', ({ brokers }) => {
  it('comes to the next one by the same id, as one that may have come before; its asker is answered', async () => {
    const ground = kafkaGround(brokers);
    const logger = pino({ level: 'silent' });
    const asker = await ground.start(logger);
    const requests = new Requests(asker.bus.join('identity', asker.engine('identity')).ask);
    const ask = () =>
      requests.send(describeAccounts, { portal: 'demo', accountIds: ['a1'] }, aContext(), { timeoutMs: 9_000 });
    const take = async () => {
      const { bus, engine, kill } = await ground.start(logger);
      const app = await startApp(bus.join('two-factor', engine('two-factor')), Noting);
      return { bus, app, kill };
    };
    /** What an instance finds when it comes, or late, counts as taken up before: until neither is so. */
    const settled = () =>
      eventually(async () => {
        await ask();
        expect(delivered.at(-1)?.first).toBe(true);
      });
    const killed = await take();
    await settled();
    const answered = new Set(delivered.map(({ id }) => id));
    answering = false;
    const asking = ask();
    await eventually(() => expect(release).toBeDefined());
    const inHand = delivered.at(-1);
    await killed.kill();
    const before = delivered.length;
    answering = true;
    const next = await take();
    try {
      expect(await asking).toEqual({ accounts: [] });
      // those that were answered may come again too: offsets are committed a moment later
      const again = delivered.slice(before).filter(({ id }) => !answered.has(id));
      expect(again).toEqual([{ ...inHand, first: false }]);
    } finally {
      release?.();
      await next.app.close();
      await Promise.all([next.bus.close(), asker.bus.close()]);
      await ground.close();
      await killed.app.close();
    }
  }, 60_000);
});
