import { aContext } from '#libs/contracts/src/testing/contexts.js';
import fc from 'fast-check';
import { Problem } from '#libs/contracts/src/problems.js';
import { type EventLog, StoreUnavailable } from '#libs/engine/src/port.js';
import { Aggregates } from './aggregates.js';
import { recordedEvents } from './commit.js';
import { firstBreak } from './testing/first-break.js';
import { replay } from './whole-log/rebuild.js';
import type { Snapshot } from './stream/snapshots.js';
import { altered } from './testing/altered-log.js';
import { MemoryEngine } from './testing/memory-engine.js';
import { count, type Tally, tally } from './testing/tally.js';
import { verifyLog } from './whole-log/verify.js';

/** What happens to an append: it works; it fails before it was done; it was done, but nobody is told. */
type Fate = 'works' | 'lost' | 'untold';
interface Command {
  readonly stream: string;
  readonly instance: number;
  readonly by: number;
}

const LIMIT = 12;
const commands = fc.array(
  fc.record({ stream: fc.constantFrom('demo/a1', 'demo/a2'), instance: fc.nat(1), by: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 1, maxLength: 16 },
);
const fates = fc.infiniteStream(
  fc.oneof({ weight: 8, arbitrary: fc.constant('works') }, { weight: 1, arbitrary: fc.constantFrom('lost', 'untold') }),
) as fc.Arbitrary<IterableIterator<Fate>>;

/** Two instances on one log, whose every step the scheduler orders as it likes. */
function twoInstances(scheduler: fc.Scheduler, fate: IterableIterator<Fate>, cacheSize: number) {
  const engine = new MemoryEngine({ shared: true });
  const untold = new Set<string>();
  const step = <Result>(label: string, act: () => Promise<Result>) =>
    scheduler.schedule(Promise.resolve(), label).then(act);
  const log: EventLog = altered(engine.log, {
    read: (...range) => step('read', () => engine.log.read(...range)),
    head: (stream) => step('head', () => engine.log.head(stream)),
    findCommand: (...command) => step('findCommand', () => engine.log.findCommand(...command)),
    append: (commit) =>
      step('append', async () => {
        const { value: what } = fate.next();
        if (what === 'lost') throw new StoreUnavailable('lost');
        await engine.log.append(commit);
        if (what !== 'untold') return;
        untold.add(commit.commitId);
        throw new StoreUnavailable('untold');
      }),
  });
  const snapshots = engine.records<Snapshot<Tally>>('snapshots');
  const open = () => new Aggregates(tally, { log, snapshots, clock: () => 1_000, cacheSize, snapshotEvery: 3 });
  return { engine, snapshots, untold, instances: [open(), open()] as const };
}

async function allOf<Result>(scheduler: fc.Scheduler, promises: readonly Promise<Result>[]) {
  const settled = Promise.allSettled(promises);
  await scheduler.waitFor(settled);
  return settled;
}

/** The state of every stream by its events alone, in which every rule of the log is checked on the way. */
async function statesOf({ log }: MemoryEngine): Promise<Map<string, Tally>> {
  expect((await verifyLog(log)).problems).toEqual([]);
  const states = new Map<string, Tally>();
  await replay(tally, { log }, (stream, { state }) => states.set(stream, state));
  for (const stream of states.keys()) expect(firstBreak((await log.read(stream)).flatMap(recordedEvents))).toBe(-1);
  return states;
}

describe('two instances on one log, in any order of steps, with failures', () => {
  it('lose no answered command, do none twice, and never pass the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        commands,
        fates,
        fc.constantFrom(1, 100),
        async (scheduler, wanted, fate, cacheSize) => {
          const { engine, snapshots, untold, instances } = twoInstances(scheduler, fate, cacheSize);
          const run = ({ stream, instance, by }: Command, i: number) =>
            instances[instance as 0 | 1].execute(stream, aContext(), count(by, `n${i}`, LIMIT));
          const outcomes = await allOf(scheduler, wanted.map(run));
          await Promise.all(instances.map((instance) => instance.settled()));

          const states = await statesOf(engine);
          const all = await engine.log.feed.read(0, 1_000);
          const written = all.flatMap(({ commit }) => recordedEvents(commit).map((event) => ({ commit, event })));
          for (const [i, outcome] of outcomes.entries()) {
            const { stream, by } = wanted[i] as Command;
            const own = written.filter(({ event }) => event.data.note === `n${i}`);
            if (outcome.status === 'rejected') {
              expect(outcome.reason).toBeInstanceOf(Problem);
              expect(own.length).toBeLessThanOrEqual(1);
              expect(own.every(({ commit }) => untold.has(commit.commitId))).toBe(true);
            } else if (own.length === 0) {
              // Answered by a state that was closed: so it must be.
              expect(outcome.value.answer).toBe('closed');
              expect(states.get(stream)?.closed).toBe(true);
            } else {
              const { commit } = own[0] as (typeof own)[0];
              expect(own.map(({ event }) => event.data)).toEqual([{ by, note: `n${i}` }]);
              expect(Math.max(...Object.values(outcome.value.recorded.versions))).toBe(
                commit.version + commit.events.length - 1,
              );
              expect(outcome.value.answer).toBe(commit.events.length === 2 ? 'closed' : 'counted');
            }
          }
          for (const { sum, closed, notes } of states.values()) {
            const bys = notes.map((note) => wanted[Number(note.slice(1))]?.by ?? 0);
            expect(bys.reduce((total, by) => total + by, 0)).toBe(sum);
            expect(closed).toBe(sum >= LIMIT);
            if (closed) expect(sum - (bys.at(-1) ?? 0)).toBeLessThan(LIMIT);
          }

          // What lives in memory, what comes from snapshot and tail, and what comes from the events alone are the same.
          const started = new Aggregates(tally, { log: engine.log, snapshots, clock: () => 1_000, cacheSize });
          for (const [stream, state] of states) {
            for (const instance of instances) {
              const [loaded] = await allOf(scheduler, [instance.load(stream)]);
              expect(loaded).toMatchObject({ status: 'fulfilled', value: { state } });
            }
            expect((await started.load(stream)).state).toEqual(state);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('give a command that is delivered to both one effect and one answer', async () => {
    const deliveries = fc.array(fc.record({ command: fc.nat(3), instance: fc.nat(1) }), {
      minLength: 2,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), deliveries, fates, async (scheduler, delivered, fate) => {
        const { engine, instances } = twoInstances(scheduler, fate, 100);
        const deliver = ({ command, instance }: (typeof delivered)[0], i: number) =>
          instances[instance as 0 | 1].execute(
            'demo/a1',
            aContext({ command: { id: `k${command}`, digest: `d${command}` } }),
            (state) => ({ events: count(1, `k${command}`)(state).events, answer: `by delivery ${i}` }),
          );
        const outcomes = await allOf(scheduler, delivered.map(deliver));

        const notes = (await statesOf(engine)).get('demo/a1')?.notes ?? [];
        expect(new Set(notes).size).toBe(notes.length);
        for (const command of new Set(delivered.map((delivery) => delivery.command))) {
          const answers = outcomes.flatMap((outcome, i) =>
            delivered[i]?.command === command && outcome.status === 'fulfilled' ? [outcome.value] : [],
          );
          for (const { answer, recorded } of answers) {
            expect(answer).toEqual(answers[0]?.answer);
            // whoever is answered may wait for all that is recorded by then
            expect(notes.slice(0, recorded.versions.Counted)).toContain(`k${command}`);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
