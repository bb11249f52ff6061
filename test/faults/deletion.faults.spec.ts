import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { servingApps } from '#libs/contracts/src/http/endpoint.js';
import { shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useStack } from '#test/support/use-stack.js';
import { lookInto } from '#test/support/stored/store-file.js';
import { outcomeOf } from './support/outcome.js';
import { randomFromEnvironment } from './support/random.js';

const ROUNDS = 6;
const ACCOUNTS = 12;

const stack = useStack({ env: { LOG_LEVEL: 'error' } });
const random = randomFromEnvironment();

/** Where anything of the account stands that is to go with it. */
async function leftOf({ id }: Person): Promise<string[]> {
  const collections = [
    ['identity', ['personal-keys', 'passwords', 'directory', 'deletions', 'session-changes', 'password-changes']],
    ['two-factor', ['personal-keys', 'vault', 'vault-touched']],
    ['admin-policy', ['personal-keys']],
  ] as const;
  const left: string[] = [];
  for (const [app, names] of collections) {
    await lookInto(stack.dataDir, app, (store) => {
      for (const name of names) {
        for (const { key } of store.records(name)) if (key.includes(id)) left.push(`${app} ${name} ${key.join('/')}`);
      }
      if (app === 'identity') {
        const names = store.records('usernames').filter(({ value }) => JSON.stringify(value).includes(id));
        if (names.length > 0) left.push('identity usernames');
      }
    });
  }
  return left;
}

it('R42 what a kill cuts off is finished before the product is ready: nothing of a deleted account is left', async () => {
  const portal = await Portal.make(stack);
  for (let round = 0; round < ROUNDS; round += 1) {
    const people = await Promise.all(Array.from({ length: ACCOUNTS }, () => portal.enrolled()));
    await portal.admin.reAuthenticate();
    const target = random.between(1, ACCOUNTS - 1);
    let answered = 0;
    let killed: Promise<void> | undefined;
    const outcomes = await Promise.all(
      people.map(async (person) => {
        const outcome = await outcomeOf(portal.api.deleteAccount(portal.id, person.id), true);
        if ('answer' in outcome) answered += 1;
        if (answered >= target) killed ??= stack.kill();
        return outcome;
      }),
    );
    await killed;
    await stack.start();

    await portal.admin.signIn();
    for (const [index, person] of people.entries()) {
      const present = await portal.api.account(portal.id, person.id);
      if ('answer' in outcomes[index]!) present.refused('account-deleted');
      if (present.code !== 'account-deleted') (await portal.api.deleteAccount(portal.id, person.id)).success();
      expect(await leftOf(person)).toEqual([]);
      (await person.enterPassword()).refused('invalid-credentials');
    }
  }
});

it('R42 a restored backup has the later deletions applied before the product is ready', async () => {
  const portal = await Portal.make(stack);
  const [user, other] = [await portal.enrolled(), await portal.enrolled()];
  await portal.allEvents();
  await stack.shutDown();
  const backup = join(stack.dataDir, '../backup');
  await stack.backUp(backup);
  await stack.start();
  await portal.admin.signIn();
  const registeredLater = await portal.register();
  for (const { id } of [user, registeredLater]) (await portal.api.deleteAccount(portal.id, id)).success();
  await stack.shutDown();

  for (const app of servingApps) {
    rmSync(join(stack.dataDir, app), { recursive: true });
    cpSync(join(backup, app), join(stack.dataDir, app), { recursive: true });
  }
  await stack.start();
  for (const person of [user, registeredLater]) expect(await leftOf(person)).toEqual([]);
  (await user.enterPassword()).refused('invalid-credentials');
  await other.signIn();
  await portal.admin.signIn();
  (await portal.api.account(portal.id, user.id)).refused('account-deleted');
  const events = (await portal.events('AccountDeleted', 1, { account: user.id })) as ReadableEvent[];
  const registered = events.find((event) => shortType(event) === 'AccountRegistered');
  expect(registered?.plain?.person ?? null).toBeNull();
  // by name again, as before the backup: the name is free
  await portal.register({ username: user.credentials.username });

  const { stdout } = await stack.shutDown().then(() => stack.run('rebuild'));
  expect(stdout).toContain('All projections have been rebuilt.');
  await stack.start();
  (await user.enterPassword()).refused('invalid-credentials');
  expect(await leftOf(user)).toEqual([]);
});
