import { Problem } from '#libs/contracts/src/problems.js';
import { outageBehind, StoreDamaged, StoreUnavailable, VersionConflict } from '#libs/engine/src/port.js';
import { recordedEvents } from './commit.js';
import { InvalidEvent } from './invalid-event.js';
import type { DomainEvent } from './decision.js';
import { altered } from './testing/altered-log.js';
import { deferred } from './testing/deferred.js';
import { MemoryLog } from './testing/memory-log.js';
import { count, type Tally, tally, type TallyEvent } from './testing/tally.js';
import { context, outcome, startTally, stream } from './testing/tally-aggregates.js';

const problem = (code: string) => expect.objectContaining({ name: 'Problem', code });
const counted = (note: string): TallyEvent => ({ type: 'Counted', data: { by: 1, note } });

describe('execute', () => {
  it('records what was decided, answers, and remembers', async () => {
    const { aggregates, counting, log } = startTally();
    expect(await counting(2, 'n1')).toMatchObject({ answer: 'counted' });
    expect(outcome(await counting(3, 'n2'))).toEqual({ answer: 'counted', version: 2 });
    const loaded = await aggregates.load(stream);
    expect(loaded).toMatchObject({ state: { sum: 5, notes: ['n1', 'n2'] }, version: 2, lastAt: 1_000 });
    expect(await log.head(stream)).toEqual({ version: 2, hash: loaded.hash });
  });

  it('writes the events of one decision as one commit', async () => {
    const { counting, log } = startTally();
    expect(outcome(await counting(1_000, 'n1'))).toEqual({ answer: 'closed', version: 2 });
    expect((await log.read(stream)).map(({ events }) => events.length)).toEqual([2]);
  });

  it('answers without a trace when nothing was decided', async () => {
    const { counting, log } = startTally();
    await counting(1_000, 'n1');
    expect(outcome(await counting(1, 'n2'))).toEqual({ answer: 'closed', version: 2 });
    expect(await log.read(stream)).toHaveLength(1);
  });

  it('waits for a decision that reads first', async () => {
    const { aggregates } = startTally();
    const decided = aggregates.execute(stream, context, async (state) => count(1, 'n1')(await Promise.resolve(state)));
    expect(await decided).toMatchObject({ answer: 'counted' });
  });

  it('tells the decision a time that never goes back within a stream', async () => {
    const { aggregates, log, time } = startTally();
    const seen: number[] = [];
    const note = (on: string) =>
      aggregates.execute(on, context, (state, at) => {
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
    const { aggregates, counting, log } = startTally();
    await counting(1, 'n1');
    const refusing = aggregates.execute(stream, context, () => {
      throw new Problem('not-locked');
    });
    const failing = aggregates.execute(stream, context, () => Promise.reject(new TypeError('a mistake')));
    const next = counting(1, 'n2');
    await expect(refusing).rejects.toEqual(problem('not-locked'));
    await expect(failing).rejects.toThrow(TypeError);
    expect(outcome(await next)).toEqual({ answer: 'counted', version: 2 });
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
    const { aggregates, counting, log } = startTally({ fold });
    const unknown = { type: 'Unheard', data: {} } as DomainEvent as TallyEvent;
    const unheard = aggregates.execute(stream, context, () => ({ events: [counted('n1'), unknown], answer: null }));
    await expect(unheard).rejects.toThrow(InvalidEvent);
    await expect(counting(1_000, 'n2')).rejects.toThrow(RangeError);
    expect(await log.read(stream)).toEqual([]);
    expect(await counting(1, 'n3')).toMatchObject({ answer: 'counted' });
  });
});

describe('turns', () => {
  it('keeps the commands of one stream in order, one at a time', async () => {
    const { aggregates, counting } = startTally();
    const notes = Array.from({ length: 50 }, (_, i) => `n${i}`);
    const answers = await Promise.all(notes.map((note) => counting(1, note)));
    expect(answers.map(({ recorded }) => recorded.versions.Counted)).toEqual(notes.map((_, i) => i + 1));
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
    const { counting } = startTally({ log });
    const held = counting(1, 'n1');
    expect(await counting(1, 'n1', 'demo/a2')).toMatchObject({ answer: 'counted' });
    expect(await memory.head(stream)).toBeNull();
    gate.resolve();
    expect(await held).toMatchObject({ answer: 'counted' });
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
    const { aggregates, counting } = startTally({ log });
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
    const { counting } = startTally({ log });
    const refusal: unknown = await counting(1, 'n1').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'unavailable', extras: { retryAfter: 1 } });
    expect(outageBehind(refusal)).toEqual(new StoreUnavailable('socket closed'));
    expect(outcome(await counting(1, 'n2'))).toEqual({ answer: 'counted', version });
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
    const { aggregates, counting } = startTally({ log });
    await expect(counting(1, 'n1')).rejects.toThrow('a mistake in the engine');
    expect(await aggregates.load(stream)).toMatchObject({ version: 1, state: { notes: ['n1'] } });
  });

  it('answers unavailable for a damaged stream, logs it, and tells none of its bytes', async () => {
    const { counting, log } = startTally();
    await counting(1, 'n1');
    const broken = altered(log, {
      read: async (name, after) =>
        (await log.read(name, after)).map((commit) => ({
          ...commit,
          events: commit.events.map((event) => ({
            ...event,
            body: event.body.replace('"by":1', '"by":7').replace('"a1"', '"a7"'),
          })),
        })),
    });
    const { aggregates, counting: countAgain, logged, damages } = startTally({ log: broken });
    const refusals = await Promise.allSettled([countAgain(1, 'n2'), aggregates.load(stream)]);
    for (const refusal of refusals) {
      expect(refusal).toEqual({ status: 'rejected', reason: problem('unavailable') });
    }
    expect(logged.map(({ level, message }) => [level, message])).toEqual(Array(2).fill(['error', 'stream is damaged']));
    expect(logged[0]?.fields).toMatchObject({
      stream,
      err: new StoreDamaged(`stream ${stream}: event 1: it belongs to another stream`),
    });
    expect(damages).toEqual(logged.map(({ fields }) => (fields as { err: Error }).err));
    expect(JSON.stringify([refusals, logged])).not.toContain('by');
    expect(await countAgain(1, 'n1', 'demo/a2')).toMatchObject({ answer: 'counted' });
  });

  it('gives up after 50 conflicts in a row', async () => {
    const memory = new MemoryLog({ shared: true });
    const log = altered(memory, {
      append: ({ stream: name, version }) => Promise.reject(new VersionConflict(name, version)),
    });
    const { aggregates } = startTally({ log });
    let decisions = 0;
    const refused = aggregates.execute(stream, context, (state) => {
      decisions++;
      return count(1, 'n1')(state);
    });
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', extras: { retryAfter: 1 } });
    expect(decisions).toBe(50);
  });
});
