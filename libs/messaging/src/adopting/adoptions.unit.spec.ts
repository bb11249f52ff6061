import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { Adoptions, Effects } from './adoptions.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Requests } from '../requests.js';

const event = (streamVersion: number, account = 'a1'): RecordedEvent => ({
  id: `e${streamVersion}`,
  type: twoFactorEvents.AccountLocked.type,
  time: '2026-11-24T09:30:00.000Z',
  portal: 'demo',
  account,
  actor: { kind: 'system' },
  data: {},
  streamVersion,
  previousHash: '0'.repeat(64),
  hash: '0'.repeat(64),
});
const point = (version: number) => ({ source: 'two-factor' as const, stream: 'demo/a1', version });

/** Looking into it shows nothing. */
class Forgetful extends MemoryRecords<number> {
  override async create(): Promise<boolean> {
    return true;
  }
}

describe('adoptions', () => {
  it('are reached at once when that version or a later one is recorded', async () => {
    const adoptions = new Adoptions(new MemoryRecords());
    await adoptions.record(event(3));
    await expect(adoptions.reached(point(2), 0)).resolves.toBe(true);
    await expect(adoptions.reached(point(3), 0)).resolves.toBe(true);
    await expect(adoptions.reached(point(4), 0)).resolves.toBe(false);
  });

  it('wake who waits in the process when they are recorded, without another look', async () => {
    const adoptions = new Adoptions(new Forgetful());
    const reached = adoptions.reached(point(2));
    const other = adoptions.reached(point(3), 100);
    await adoptions.record(event(1));
    await adoptions.record(event(9, 'a2'));
    await adoptions.record(event(2));
    await expect(reached).resolves.toBe(true);
    await expect(other).resolves.toBe(false);
  });

  it('are seen when another instance records them', async () => {
    const records = new MemoryRecords<number>();
    const reached = new Adoptions(records).reached(point(2));
    await new Adoptions(records).record(event(2));
    await expect(reached).resolves.toBe(true);
  });

  it('are not taken back by an event that is delivered again', async () => {
    const adoptions = new Adoptions(new MemoryRecords());
    await Promise.all([event(4), event(2), event(3)].map((one) => adoptions.record(one)));
    await adoptions.record(event(1));
    await expect(adoptions.reached(point(4), 0)).resolves.toBe(true);
  });

  it('are told as not reached within the time', async () => {
    await expect(new Adoptions(new MemoryRecords()).reached(point(1), 60)).resolves.toBe(false);
  });
});

describe('effects', () => {
  const effects = (send: () => Promise<unknown>) => new Effects({ send } as unknown as Requests);

  it('are there when each app has adopted the change', async () => {
    let asked = 0;
    await effects(async () => (asked += 1)).reached(['identity', 'two-factor'], point(1));
    expect(asked).toBe(2);
  });

  it('are `not-yet-effective` when one app has not, whatever it says', async () => {
    const refused = effects(() => Promise.reject(new Problem('unavailable'))).reached(['identity'], point(1));
    await expect(refused).rejects.toMatchObject({ code: 'not-yet-effective', extras: { retryAfter: 1 } });
  });
});
