import { Problem } from '#libs/contracts/src/problems.js';
import { type Commit, type EventLog, StoreDamaged, StoreUnavailable, VersionConflict } from '#libs/engine/src/port.js';
import { Aggregates } from './aggregates.js';
import { InvalidEvent, recordedEvents } from './commit.js';
import type { DomainEvent, Origin } from './decision.js';
import type { Snapshot } from './stream/snapshots.js';
import { altered } from './testing/altered-log.js';
import { deferred } from './testing/deferred.js';
import { MemoryRecords } from './testing/memory-engine.js';
import { MemoryLog } from './testing/memory-log.js';
import { count, type Tally, tally, type TallyEvent } from './testing/tally.js';

const stream = 'demo/a1';
const origin: Origin = { actor: { kind: 'user', id: 'a1' } };

function setUp({ log = new MemoryLog(), fold = tally }: { log?: EventLog; fold?: typeof tally } = {}) {
  const snapshots = new MemoryRecords<Snapshot<Tally>>();
  const time = { now: 1_000 };
  const logged: { level: 'warn' | 'error'; fields: object; message: string }[] = [];
  const aggregates = new Aggregates(fold, {
    log,
    snapshots,
    clock: () => time.now,
    logger: {
      warn: (fields, message) => logged.push({ level: 'warn', fields, message }),
      error: (fields, message) => logged.push({ level: 'error', fields, message }),
    },
  });
  const counting = (by: number, note: string, on = stream) => aggregates.execute(on, origin, count(by, note, 1_000));
  return { aggregates, counting, log, time, logged };
}

const problem = (code: string) => expect.objectContaining({ name: 'Problem', code });
const counted = (note: string): TallyEvent => ({ type: 'Counted', data: { by: 1, note } });
const versionsOf = (commits: readonly Commit[]) => commits.map(({ version }) => version);

describe('execute', () => {
  it('records what was decided, answers, and remembers', async () => {
    const { aggregates, counting, log } = setUp();
    expect(await counting(2, 'n1')).toEqual({ answer: 'counted', version: 1 });
    expect(await counting(3, 'n2')).toEqual({ answer: 'counted', version: 2 });
    const loaded = await aggregates.load(stream);
    expect(loaded).toMatchObject({ state: { sum: 5, notes: ['n1', 'n2'] }, version: 2, lastAt: 1_000 });
    expect(await log.head(stream)).toEqual({ version: 2, hash: loaded.hash });
  });

  it('writes the events of one decision as one commit', async () => {
    const { counting, log } = setUp();
    expect(await counting(1_000, 'n1')).toEqual({ answer: 'closed', version: 2 });
    expect((await log.read(stream)).map(({ events }) => events.length)).toEqual([2]);
  });

  it('answers without a trace when nothing was decided', async () => {
    const { counting, log } = setUp();
    await counting(1_000, 'n1');
    expect(await counting(1, 'n2')).toEqual({ answer: 'closed', version: 2 });
    expect(await log.read(stream)).toHaveLength(1);
  });

  it('waits for a decision that reads first', async () => {
    const { aggregates } = setUp();
    const decided = aggregates.execute(stream, origin, async (state) => count(1, 'n1')(await Promise.resolve(state)));
    expect(await decided).toEqual({ answer: 'counted', version: 1 });
  });

  it('tells the decision a time that never goes back within a stream', async () => {
    const { aggregates, log, time } = setUp();
    const seen: number[] = [];
    const note = (on: string) =>
      aggregates.execute(on, origin, (state, at) => {
        seen.push(at.now);
        return count(1, `v${at.version}`)(state);
      });
    time.now = 5_000.9;
    await note(stream);
    time.now = 4_000;
    await note(stream);
    await note('demo/a2');
    expect(seen).toEqual([5_000, 5_000, 4_000]);
    const commits = await log.read(stream);
    expect(commits.flatMap(recordedEvents).map((event) => event.time)).toEqual(
      Array(2).fill('1970-01-01T00:00:05.000Z'),
    );
  });

  it('lets what a decision throws through, records nothing and goes on', async () => {
    const { aggregates, counting, log } = setUp();
    await counting(1, 'n1');
    const refusing = aggregates.execute(stream, origin, () => {
      throw new Problem('not-locked');
    });
    const failing = aggregates.execute(stream, origin, () => Promise.reject(new TypeError('a mistake')));
    const next = counting(1, 'n2');
    await expect(refusing).rejects.toEqual(problem('not-locked'));
    await expect(failing).rejects.toThrow(TypeError);
    expect(await next).toEqual({ answer: 'counted', version: 2 });
    expect(await log.read(stream)).toHaveLength(2);
  });

  it('records nothing that is not in the contracts, or that cannot be folded', async () => {
    const fold = {
      ...tally,
      evolve: (state: Tally, event: TallyEvent, at: number) => {
        if (event.type === 'TallyClosed') throw new RangeError('cannot fold');
        return tally.evolve(state, event, at);
      },
    };
    const { aggregates, counting, log } = setUp({ fold });
    const unknown = { type: 'Unheard', data: {} } as DomainEvent as TallyEvent;
    const unheard = aggregates.execute(stream, origin, () => ({ events: [counted('n1'), unknown], answer: null }));
    await expect(unheard).rejects.toThrow(InvalidEvent);
    await expect(counting(1_000, 'n2')).rejects.toThrow(RangeError);
    expect(await log.read(stream)).toEqual([]);
    expect(await counting(1, 'n3')).toEqual({ answer: 'counted', version: 1 });
  });
});

describe('turns', () => {
  it('keeps the commands of one stream in order, one at a time', async () => {
    const { aggregates, counting } = setUp();
    const notes = Array.from({ length: 50 }, (_, i) => `n${i}`);
    const answers = await Promise.all(notes.map((note) => counting(1, note)));
    expect(answers.map(({ version }) => version)).toEqual(notes.map((_, i) => i + 1));
    expect((await aggregates.load(stream)).state.notes).toEqual(notes);
  });

  it('does not let one stream wait for another', async () => {
    const memory = new MemoryLog();
    const gate = deferred();
    const log = altered(memory, {
      append: async (commit) => {
        if (commit.stream === stream) await gate.promise;
        await memory.append(commit);
      },
    });
    const { counting } = setUp({ log });
    const held = counting(1, 'n1');
    expect(await counting(1, 'n1', 'demo/a2')).toEqual({ answer: 'counted', version: 1 });
    expect(await memory.head(stream)).toBeNull();
    gate.resolve();
    expect(await held).toEqual({ answer: 'counted', version: 1 });
  });

  it('reads a stream once for many who ask at the same time', async () => {
    const memory = new MemoryLog();
    let reads = 0;
    const log = altered(memory, {
      read: (...range) => {
        reads++;
        return memory.read(...range);
      },
    });
    const { aggregates, counting } = setUp({ log });
    await Promise.all([aggregates.load(stream), counting(1, 'n1'), aggregates.load(stream), counting(1, 'n2')]);
    expect(reads).toBe(1);
  });
});

describe('a store in trouble', () => {
  it.each([
    ['nothing was appended', false, 1],
    ['it was appended all the same', true, 2],
  ])('answers unavailable when the outcome is unknown, and reads again: %s', async (_, appended, version) => {
    const memory = new MemoryLog();
    let away = true;
    const log = altered(memory, {
      append: async (commit) => {
        if (appended || !away) await memory.append(commit);
        if (!away) return;
        away = false;
        throw new StoreUnavailable('socket closed');
      },
    });
    const { counting } = setUp({ log });
    await expect(counting(1, 'n1')).rejects.toMatchObject({ code: 'unavailable', extras: { retryAfter: 1 } });
    expect(await counting(1, 'n2')).toEqual({ answer: 'counted', version });
  });

  it('trusts nothing that it remembers after an error it does not know', async () => {
    const memory = new MemoryLog();
    let first = true;
    const log = altered(memory, {
      append: async (commit) => {
        await memory.append(commit);
        if (first) {
          first = false;
          throw new Error('a mistake in the engine');
        }
      },
    });
    const { aggregates, counting } = setUp({ log });
    await expect(counting(1, 'n1')).rejects.toThrow('a mistake in the engine');
    expect(await aggregates.load(stream)).toMatchObject({ version: 1, state: { notes: ['n1'] } });
  });

  it('answers unavailable for a damaged stream, logs it, and tells none of its bytes', async () => {
    const { counting, log } = setUp();
    await counting(1, 'n1');
    const broken = altered(log, {
      read: async (name, after) =>
        (await log.read(name, after)).map((commit) => ({
          ...commit,
          events: commit.events.map((event) => ({ ...event, body: event.body.replace('"by":1', '"by":7') })),
        })),
    });
    const { aggregates, counting: countAgain, logged } = setUp({ log: broken });
    const refusals = await Promise.allSettled([countAgain(1, 'n2'), aggregates.load(stream)]);
    for (const refusal of refusals) {
      expect(refusal).toEqual({ status: 'rejected', reason: problem('unavailable') });
    }
    expect(logged.map(({ level, message }) => [level, message])).toEqual(Array(2).fill(['error', 'stream is damaged']));
    expect(logged[0]?.fields).toMatchObject({
      stream,
      err: new StoreDamaged(`stream ${stream}: event 1: its bytes do not have its hash`),
    });
    expect(JSON.stringify([refusals, logged])).not.toContain('by');
    expect(await countAgain(1, 'n1', 'demo/a2')).toEqual({ answer: 'counted', version: 1 });
  });

  it('gives up after 50 conflicts in a row', async () => {
    const memory = new MemoryLog({ shared: true });
    const log = altered(memory, {
      append: ({ stream: name, version }) => Promise.reject(new VersionConflict(name, version)),
    });
    const { aggregates } = setUp({ log });
    let decisions = 0;
    const refused = aggregates.execute(stream, origin, (state) => {
      decisions++;
      return count(1, 'n1')(state);
    });
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', extras: { retryAfter: 1 } });
    expect(decisions).toBe(50);
  });
});

describe('a log that others append to', () => {
  const setUpTwo = () => {
    const log = new MemoryLog({ shared: true });
    return { here: setUp({ log }), there: setUp({ log }), log };
  };

  it('decides again when another was first', async () => {
    const { here, there, log } = setUpTwo();
    await here.counting(1, 'n1');
    await there.counting(1, 'n2');
    expect(await here.counting(1, 'n3')).toEqual({ answer: 'counted', version: 3 });
    expect((await here.aggregates.load(stream)).state.notes).toEqual(['n1', 'n2', 'n3']);
    expect(versionsOf(await log.read(stream))).toEqual([1, 2, 3]);
  });

  it('answers by the newest state also when nothing is appended', async () => {
    const { here, there } = setUpTwo();
    await here.counting(1_000, 'n1');
    await there.aggregates.load(stream);
    await here.aggregates.execute(stream, origin, () => ({ events: [counted('reopened')], answer: null }));
    const sums = there.aggregates.execute(stream, origin, ({ sum }) => ({ events: [], answer: sum }));
    expect(await sums).toEqual({ answer: 1_001, version: 3 });
  });

  it('refuses by the newest state', async () => {
    const { here, there } = setUpTwo();
    await there.counting(1, 'n1');
    await here.counting(1, 'n2');
    const refused = there.aggregates.execute(stream, origin, ({ notes }) => {
      throw new Problem('not-locked', notes.join());
    });
    await expect(refused).rejects.toThrow('n1,n2');
  });

  it('loads the newest state', async () => {
    const { here, there } = setUpTwo();
    await there.counting(1, 'n1');
    await here.counting(1, 'n2');
    expect(await there.aggregates.load(stream)).toMatchObject({ version: 2, state: { notes: ['n1', 'n2'] } });
  });

  it('asks for the head alone when nothing changed', async () => {
    const { here, log } = setUpTwo();
    await here.counting(1, 'n1');
    let reads = 0;
    const watched = altered(log, {
      read: (...range) => {
        reads++;
        return log.read(...range);
      },
    });
    const { aggregates } = setUp({ log: watched });
    for (let i = 0; i < 3; i++) {
      await aggregates.load(stream);
      await aggregates.execute(stream, origin, () => ({ events: [], answer: null }));
    }
    expect(reads).toBe(1);
  });

  it('believes the log, not its memory, when the log has become shorter', async () => {
    const { here, log } = setUpTwo();
    await here.counting(1, 'n1');
    await here.counting(1, 'n2');
    const [first] = await log.read(stream);
    const shorter = new MemoryLog({ shared: true });
    await shorter.append(first as Commit);
    let current: EventLog = log;
    const switching = altered(log, {
      read: (...range) => current.read(...range),
      head: (name) => current.head(name),
    });
    const { aggregates } = setUp({ log: switching });
    await aggregates.load(stream);
    current = shorter;
    expect(await aggregates.load(stream)).toMatchObject({ version: 1, state: { notes: ['n1'] } });
  });

  it('refuses a tail of another history, then reads the stream afresh', async () => {
    const { here, there, log } = setUpTwo();
    await here.counting(1, 'n1');
    const other = new MemoryLog({ shared: true });
    const elsewhere = setUp({ log: other });
    await elsewhere.counting(1, 'm1');
    await elsewhere.counting(1, 'm2');
    let current: EventLog = log;
    const switching = altered(log, {
      read: (...range) => current.read(...range),
      head: (name) => current.head(name),
    });
    const { aggregates } = setUp({ log: switching });
    await aggregates.load(stream);
    current = other;
    await expect(aggregates.load(stream)).rejects.toEqual(problem('unavailable'));
    expect((await aggregates.load(stream)).state.notes).toEqual(['m1', 'm2']);
    expect(await there.aggregates.load(stream)).toMatchObject({ version: 1 });
  });
});

describe('a command that is delivered again', () => {
  const command = { id: 'k1', digest: 'd1' };

  it('gets the recorded answer without a second effect, also on another instance and after more events', async () => {
    const log = new MemoryLog({ shared: true });
    const [here, there] = [setUp({ log }), setUp({ log })];
    await there.counting(1, 'n0');
    const first = await here.aggregates.execute(stream, { ...origin, command }, count(1, 'n1'));
    await here.counting(1, 'n2');
    for (const { aggregates } of [here, there]) {
      expect(await aggregates.execute(stream, { ...origin, command }, count(1, 'n3'))).toEqual(first);
    }
    expect(first).toEqual({ answer: 'counted', version: 2 });
    expect((await there.aggregates.load(stream)).state.notes).toEqual(['n0', 'n1', 'n2']);
  });

  it('is refused with other content', async () => {
    const { aggregates } = setUp();
    await aggregates.execute(stream, { ...origin, command }, count(1, 'n1'));
    const other = { ...origin, command: { id: 'k1', digest: 'd2' } };
    await expect(aggregates.execute(stream, other, count(1, 'n1'))).rejects.toEqual(problem('command-id-reused'));
    expect((await aggregates.load(stream)).version).toBe(1);
  });
});
