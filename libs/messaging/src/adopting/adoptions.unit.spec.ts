import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import type { Records } from '#libs/engine/src/port.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { Adoptions, Effects } from './adoptions.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Requests } from '../requests.js';

const event = (streamVersion: number, account = 'a1'): RecordedEvent =>
  anEvent({ id: `e${streamVersion}`, type: twoFactorEvents.AccountLocked.type, account, streamVersion });
const upTo = (AccountLocked: number, others: Record<string, number> = {}) => ({
  source: 'two-factor' as const,
  stream: 'demo/a1',
  versions: { AccountLocked, ...others },
});
/** An app that acts by locks. */
const adoptionsIn = (records: Records<number> = new MemoryRecords()) =>
  new Adoptions(records, () => [
    { source: 'two-factor', batch: undefined, named: new Set(['AccountLocked']), handlersOf: () => ({}) },
  ]);

/** Looking into it shows nothing. */
class Forgetful extends MemoryRecords<number> {
  override async create(): Promise<boolean> {
    return true;
  }
}

describe('adoptions', () => {
  it('are reached at once when that version or a later one is recorded', async () => {
    const adoptions = adoptionsIn();
    await adoptions.note(event(3));
    await expect(adoptions.reached(upTo(2), 0)).resolves.toBe(true);
    await expect(adoptions.reached(upTo(3), 0)).resolves.toBe(true);
    await expect(adoptions.reached(upTo(4), 0)).resolves.toBe(false);
  });

  it('wake who waits in the process when they are recorded, without another look', async () => {
    const adoptions = adoptionsIn(new Forgetful());
    const reached = adoptions.reached(upTo(2));
    const other = adoptions.reached(upTo(3), 100);
    await adoptions.note(event(1));
    await adoptions.note(event(9, 'a2'));
    await adoptions.note(event(2));
    await expect(reached).resolves.toBe(true);
    await expect(other).resolves.toBe(false);
  });

  it('are seen when another instance records them', async () => {
    const records = new MemoryRecords<number>();
    const reached = adoptionsIn(records).reached(upTo(2));
    await adoptionsIn(records).note(event(2));
    await expect(reached).resolves.toBe(true);
  });

  it('are not taken back by an event that is delivered again', async () => {
    const adoptions = adoptionsIn();
    await Promise.all([event(4), event(2), event(3)].map((one) => adoptions.note(one)));
    await adoptions.note(event(1));
    await expect(adoptions.reached(upTo(4), 0)).resolves.toBe(true);
  });

  it('are asked for by what the app acts by: what no handler names counts as adopted', async () => {
    const adoptions = adoptionsIn();
    await adoptions.note(event(3));
    await expect(adoptions.reached(upTo(3, { AttemptFailed: 9 }), 0)).resolves.toBe(true);
    await expect(adoptions.reached({ ...upTo(0), versions: { AttemptFailed: 9 } }, 0)).resolves.toBe(true);
    await expect(adoptions.reached({ ...upTo(9), source: 'identity' }, 0)).resolves.toBe(true);
  });

  it('tell of an event whether it, or a later one, was adopted', async () => {
    const adoptions = adoptionsIn();
    await adoptions.note(event(3));
    expect(await Promise.all([2, 3, 4].map((version) => adoptions.has(event(version))))).toEqual([true, true, false]);
  });

  it('are told as not reached within the time', async () => {
    await expect(adoptionsIn().reached(upTo(1), 60)).resolves.toBe(false);
  });
});

describe('effects', () => {
  const effects = (send: () => Promise<unknown>) => new Effects({ send } as unknown as Requests);

  it('are there when each app has adopted the change', async () => {
    let asked = 0;
    await effects(async () => (asked += 1)).reached(['identity', 'two-factor'], upTo(1), aContext());
    expect(asked).toBe(2);
  });

  it('are `not-yet-effective` when one app has not, whatever it says', async () => {
    const refused = effects(() => Promise.reject(new Problem('unavailable'))).reached(
      ['identity'],
      upTo(1),
      aContext(),
    );
    await expect(refused).rejects.toMatchObject({ code: 'not-yet-effective', extras: { retryAfter: 1 } });
  });
});
