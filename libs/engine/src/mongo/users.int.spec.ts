import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { type SecuredMongo, startSecured } from '#test/support/servers/mongo/secured.js';
import { type Engine, StoreUnavailable } from '../port.js';
import { commitOf, everything } from '../testing/commits.js';
import { openMongoEngine } from './open.js';

const mongo = await startSecured().catch((error: Error) => error);
const missing = mongo instanceof Error ? mongo.message : undefined;

(missing === undefined ? describe : describe.skip)(`a user for each app${missing ? `: ${missing}` : ''}`, () => {
  const there = mongo as SecuredMongo;
  afterAll(() => there.stop());

  async function using(user: string, app: string, use: (engine: Engine) => Promise<void>): Promise<void> {
    const engine = await openMongoEngine({ url: there.urlOf(user), app });
    try {
      await use(engine);
    } finally {
      await engine.close();
    }
  }

  it.each(appNames)('lets %s do all that an engine does, on its own collections and no others', async (app) => {
    await using(app, app, async (engine) => {
      const { log } = engine;
      await log.append(
        commitOf({ stream: 'portal/account', metadata: { command: { id: 'c', digest: 'd', answer: 1 } } }),
      );
      expect(await everything(log)).toHaveLength(1);
      expect(await log.findCommand('portal/account', 'c')).toMatchObject({ version: 1 });
      const things = engine.records<number>('things');
      await things.write([
        { put: ['a'], value: 1 },
        { put: ['b'], value: 2 },
      ]);
      expect(await things.create(['a'], 3)).toBe(false);
      expect(await things.replace(['a'], 1, 3)).toBe(true);
      expect(await things.delete(['b'])).toBe(true);
      expect(await things.list({})).toEqual([{ key: ['a'], value: 3 }]);
      await things.clear();
      await engine.check();
    });
    for (const other of appNames.filter((name) => name !== app)) {
      const opened = openMongoEngine({ url: there.urlOf(app), app: other });
      await expect(opened).rejects.toThrow(StoreUnavailable);
      await expect(opened).rejects.toThrow(/MongoDB answers Unauthorized 13/);
    }
  });

  it('lets the tools of the operator do it on all of them', async () => {
    for (const app of appNames) await using('tools', app, async ({ log }) => void (await log.head('portal/account')));
  });

  it('lets nobody in without a password, or with another', async () => {
    for (const url of [
      there.urlOf('identity').replace(/\/\/.*@/, '//'),
      there.urlOf('identity').replace(':password', ':no'),
    ]) {
      await expect(openMongoEngine({ url, app: 'identity' })).rejects.toThrow(/MongoDB answers \w+ (13|18)/);
    }
  });
});
