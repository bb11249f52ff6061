import type { Context } from '#libs/contracts/src/context.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { Requests } from '../requests.js';
import { controllers, Script } from './bus-apps.js';
import type { BusBench } from './bus-contract.js';

const { describeAccounts } = twoFactorRequests;
const account = (accountId: string) => ({
  accountId,
  lockedAt: null,
  failedAttempts: 0,
  twoFactor: { status: 'none' as const, backupCodesLeft: 0 },
});

export function requestsContract(bench: BusBench): void {
  describe('requests', () => {
    const ask = (requests: Requests, accountIds: string[], timeoutMs = 5_000) =>
      requests.send(describeAccounts, { portal: 'demo', accountIds }, aContext(), { timeoutMs });

    async function asked(answer: Script['answer']): Promise<Requests> {
      const script = new Script();
      script.answer = answer;
      await bench.run('two-factor', controllers.answering, script);
      return new Requests(bench.join('identity').ask);
    }

    it('brings the reply, and shares nothing of it', async () => {
      const given = { accounts: [account('a1')] };
      const requests = await asked(() => given);

      const reply = await ask(requests, ['a1']);

      expect(reply).toEqual({ accounts: [account('a1')] });
      reply.accounts.pop();
      expect(given.accounts).toHaveLength(1);
    });

    it('brings who asks in which request, and none of the command that the asker carries out', async () => {
      const contexts: Context[] = [];
      const requests = await asked((_, context) => (contexts.push(context), { accounts: [] }));
      const actor = { kind: 'administrator' as const, id: 'a9' };
      const context = aContext({ actor, causationId: 'e1', command: { id: 'theirs', digest: 'd' } });

      await requests.send(describeAccounts, { portal: 'demo', accountIds: [] }, context);

      const [{ command, ...carried }] = contexts as [Context];
      expect(carried).toEqual({ actor, correlationId: context.correlationId, causationId: 'e1', entrance: 'system' });
      expect(command?.id).not.toBe('theirs');
    });

    it('brings the problem that the handler threw, with all its members', async () => {
      const problem = new Problem('wrong-code', 'The code is not right.', { attemptsLeft: 3, status: 409 });
      const requests = await asked(() => Promise.reject(problem));

      const refused = await ask(requests, ['a1']).catch((error: unknown) => error);

      expect(refused).toBeInstanceOf(Problem);
      expect((refused as Problem).toDocument()).toEqual(problem.toDocument());
      expect(bench.logged).not.toMatch(/wrong-code|not right|attemptsLeft/);
    });

    it('refuses a payload that the contract does not allow, naming the fields, before the handler', async () => {
      let called = false;
      const requests = await asked(() => (called = true));

      const malformed = { portal: 'NOT A PORTAL', accountIds: ['a1'] };
      const refused = await requests.send(describeAccounts, malformed, aContext()).catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: 'malformed-request', extras: { errors: [{ field: 'portal' }] } });
      expect(called).toBe(false);
    });

    it('tells the caller nothing of an unforeseen error, and the log nothing of its message', async () => {
      const requests = await asked(() => {
        throw new RangeError('the password was hunter2');
      });

      const refused = await ask(requests, ['a1']).catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: 'internal-error', detail: 'Something went wrong.' });
      expect(bench.logged).toContain('RangeError');
      expect(bench.logged).toContain(describeAccounts.pattern);
      expect(bench.logged).not.toContain('hunter2');
    });

    it('makes `unavailable` of a store that is away', async () => {
      const requests = await asked(() => {
        throw new StoreUnavailable('disk full');
      });

      await expect(ask(requests, ['a1'])).rejects.toMatchObject({ code: 'unavailable', extras: { retryAfter: 1 } });
    });

    it('waits no longer than told', async () => {
      let answer: () => void = () => undefined;
      const requests = await asked(() => new Promise((resolve) => (answer = () => resolve({ accounts: [] }))));

      await expect(ask(requests, ['a1'], 50)).rejects.toMatchObject({ code: 'unavailable' });
      answer();
    });

    it('is `unavailable` while the other app is not there', async () => {
      const requests = new Requests(bench.join('identity').ask);

      await expect(ask(requests, ['a1'], 500)).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('is `unavailable` for a request that nobody knows', async () => {
      await bench.run('two-factor', controllers.answering);
      const requests = new Requests(bench.join('identity').ask);
      const makeCoffee = { ...describeAccounts, pattern: 'two-factor.make-coffee' };

      const refused = requests.send(makeCoffee, { portal: 'demo', accountIds: [] }, aContext());
      await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('gives each of 200 requests at once its own reply, whatever order they are answered in', async () => {
      const held: (() => void)[] = [];
      const requests = await asked(
        ({ accountIds }) =>
          new Promise((resolve) => {
            held.push(() => resolve({ accounts: accountIds.map(account) }));
            if (held.length === 200) for (const release of held.reverse()) release();
          }),
      );

      const ids = Array.from({ length: 200 }, (_, index) => `a${index}`);
      const replies = await Promise.all(ids.map((id) => ask(requests, [id])));

      expect(replies.map(({ accounts }) => accounts[0]?.accountId)).toEqual(ids);
    });
  });
}
