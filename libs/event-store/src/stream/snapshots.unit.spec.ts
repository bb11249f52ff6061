import { outcome } from '../testing/tally-aggregates.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { type EventLog, StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { Aggregates } from '../aggregates.js';
import { type Snapshot, snapshotOf } from './snapshots.js';
import { altered } from '../testing/altered-log.js';
import { deferred } from '../testing/deferred.js';
import { MemoryRecords } from '../testing/memory-engine.js';
import { MemoryLog } from '../testing/memory-log.js';
import { count, type Tally, tally } from '../testing/tally.js';

const stream = 'demo/a1';
const key = [stream];

/** A log with 25 events of one stream, and the snapshots that came of it. */
async function filled() {
  const log = new MemoryLog();
  const snapshots = new MemoryRecords<Snapshot<Tally>>();
  const writer = open(log, snapshots);
  for (let i = 1; i <= 25; i++) await writer.counting(`n${i}`);
  await writer.aggregates.settled();
  return { log, snapshots, live: await writer.aggregates.load(stream) };
}

/** A process that starts; `read` notes after which version it read. */
function open(log: EventLog, snapshots: MemoryRecords<Snapshot<Tally>>, fold = tally) {
  const read: number[] = [];
  const warnings: object[] = [];
  const aggregates = new Aggregates(fold, {
    log: altered(log, {
      read: (name, after = 0) => {
        read.push(after);
        return log.read(name, after);
      },
    }),
    snapshots,
    snapshotEvery: 10,
    clock: () => 1_000,
    logger: { warn: (fields) => warnings.push(fields), error: (fields) => warnings.push(fields) },
  });
  const counting = (note: string) => aggregates.execute(stream, aContext(), count(1, note, 1_000));
  return { aggregates, counting, read, warnings };
}

describe('snapshots', () => {
  it('are written at every tenth event, and make a load read only what follows', async () => {
    const { log, snapshots, live } = await filled();
    expect(await snapshots.get(key)).toMatchObject({ version: 20, snapshotVersion: 1, state: { sum: 20 } });
    const { aggregates, read, warnings } = open(log, snapshots);
    expect(await aggregates.load(stream)).toEqual(live);
    expect(read).toEqual([19]);
    expect(warnings).toEqual([]);
  });

  it('are written when a commit passes the tenth event without ending at it', async () => {
    const { log, snapshots } = await filled();
    const { aggregates, counting } = open(log, snapshots);
    for (let i = 26; i <= 29; i++) await counting(`n${i}`);
    await aggregates.execute(stream, aContext(), count(1, 'last', 30));
    await aggregates.settled();
    expect(await snapshots.get(key)).toMatchObject({ version: 31, commitVersion: 30, state: { closed: true } });
    const again = open(log, snapshots);
    expect(await again.aggregates.load(stream)).toEqual(await aggregates.load(stream));
    expect(again.read).toEqual([29]);
  });

  const wrong: [string, (snapshot: Snapshot<Tally>) => unknown, string][] = [
    ['of another version', (s) => snapshotOf({ snapshotVersion: 2 }, withoutEnvelope(s)), 'it is of another version'],
    ['of no known shape', () => ({ state: 7 }), 'its shape is not that of a snapshot'],
    ['whose state rotted', (s) => ({ ...s, state: { ...s.state, closed: true } }), 'its checksum is wrong'],
    [
      'of another log',
      (s) => snapshotOf(tally, { ...withoutEnvelope(s), hash: 'f'.repeat(64) }),
      'it is not of this log',
    ],
    [
      'that is ahead of the log',
      (s) => snapshotOf(tally, { ...withoutEnvelope(s), version: 90, commitVersion: 90 }),
      'it is not of this log',
    ],
  ];
  it.each(wrong)('are ignored, replayed and replaced when there is one %s', async (_, change, reason) => {
    const { log, snapshots, live } = await filled();
    const good = (await snapshots.get(key)) as Snapshot<Tally>;
    await snapshots.put(key, change(good) as Snapshot<Tally>);
    const { aggregates, read, warnings } = open(log, snapshots);
    expect(await aggregates.load(stream)).toEqual(live);
    expect(read.at(-1)).toBe(0);
    expect(warnings).toEqual([{ stream, reason }]);
    await aggregates.settled();
    expect(await snapshots.get(key)).toMatchObject({ version: 25, state: live.state });
  });

  it('are ignored when the engine finds them damaged, not when it is away', async () => {
    const { log, snapshots, live } = await filled();
    const get = snapshots.get.bind(snapshots);
    snapshots.get = () => Promise.reject(new StoreDamaged('bad page'));
    expect(await open(log, snapshots).aggregates.load(stream)).toEqual(live);
    snapshots.get = () => Promise.reject(new StoreUnavailable('away'));
    const { aggregates } = open(log, snapshots);
    await expect(aggregates.load(stream)).rejects.toMatchObject({ code: 'unavailable' });
    snapshots.get = get;
    expect(await aggregates.load(stream)).toEqual(live);
  });

  it('never hold up or fail a command', async () => {
    const snapshots = new MemoryRecords<Snapshot<Tally>>();
    const held = deferred();
    snapshots.put = () => held.promise;
    const { aggregates, counting, warnings } = open(new MemoryLog(), snapshots);
    for (let i = 1; i <= 25; i++) expect(outcome(await counting(`n${i}`))).toMatchObject({ version: i });
    held.reject(new StoreUnavailable('full'));
    await aggregates.settled();
    expect(warnings).toEqual([{ stream, err: new StoreUnavailable('full') }]);
    expect(outcome(await counting('n26'))).toMatchObject({ version: 26 });
  });
});

function withoutEnvelope({ state, version, hash, lastAt, commitVersion, versions }: Snapshot<Tally>) {
  return { state, version, hash, lastAt, commitVersion, versions };
}
