import { Problem } from '#libs/contracts/src/problems.js';
import type { Commit, EventLog } from '#libs/engine/src/port.js';
import { altered } from './testing/altered-log.js';
import { MemoryLog } from './testing/memory-log.js';
import { count, type TallyEvent } from './testing/tally.js';
import { context, outcome, startTally, stream } from './testing/tally-aggregates.js';

const problem = (code: string) => expect.objectContaining({ name: 'Problem', code });
const counted = (note: string): TallyEvent => ({ type: 'Counted', data: { by: 1, note } });
const versionsOf = (commits: readonly Commit[]) => commits.map(({ version }) => version);

describe('a log that others append to', () => {
  const startTwo = () => {
    const log = new MemoryLog({ shared: true });
    return { here: startTally({ log }), there: startTally({ log }), log };
  };

  it('decides again when another was first', async () => {
    const { here, there, log } = startTwo();
    await here.counting(1, 'n1');
    await there.counting(1, 'n2');
    expect(outcome(await here.counting(1, 'n3'))).toEqual({ answer: 'counted', version: 3 });
    expect((await here.aggregates.load(stream)).state.notes).toEqual(['n1', 'n2', 'n3']);
    expect(versionsOf(await log.read(stream))).toEqual([1, 2, 3]);
  });

  it('answers by the newest state also when nothing is appended', async () => {
    const { here, there } = startTwo();
    await here.counting(1_000, 'n1');
    await there.aggregates.load(stream);
    await here.aggregates.execute(stream, context, () => ({ events: [counted('reopened')], answer: null }));
    const sums = there.aggregates.execute(stream, context, ({ sum }) => ({ events: [], answer: sum }));
    expect(outcome(await sums)).toEqual({ answer: 1_001, version: 3 });
  });

  it('refuses by the newest state', async () => {
    const { here, there } = startTwo();
    await there.counting(1, 'n1');
    await here.counting(1, 'n2');
    const refused = there.aggregates.execute(stream, context, ({ notes }) => {
      throw new Problem('not-locked', notes.join());
    });
    await expect(refused).rejects.toThrow('n1,n2');
  });

  it('decides again when what a decision fails on was changed while it was made', async () => {
    const { here, there } = startTwo();
    await here.counting(1, 'n1');
    const answered = there.aggregates.execute(stream, context, async ({ notes }) => {
      if (notes.length > 1) return { events: [], answer: notes };
      await here.counting(1, 'n2');
      throw new Error('the secret of that state is gone');
    });
    expect(outcome(await answered)).toEqual({ answer: ['n1', 'n2'], version: 2 });
  });

  it('loads the newest state', async () => {
    const { here, there } = startTwo();
    await there.counting(1, 'n1');
    await here.counting(1, 'n2');
    expect(await there.aggregates.load(stream)).toMatchObject({ version: 2, state: { notes: ['n1', 'n2'] } });
  });

  it('asks for the head alone when nothing changed', async () => {
    const { here, log } = startTwo();
    await here.counting(1, 'n1');
    let reads = 0;
    const watched = altered(log, {
      read: (...range) => {
        reads++;
        return log.read(...range);
      },
    });
    const { aggregates } = startTally({ log: watched });
    for (let i = 0; i < 3; i++) {
      await aggregates.load(stream);
      await aggregates.execute(stream, context, () => ({ events: [], answer: null }));
    }
    expect(reads).toBe(1);
  });

  it('believes the log, not its memory, when the log has become shorter', async () => {
    const { here, log } = startTwo();
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
    const { aggregates } = startTally({ log: switching });
    await aggregates.load(stream);
    current = shorter;
    expect(await aggregates.load(stream)).toMatchObject({ version: 1, state: { notes: ['n1'] } });
  });

  it('refuses a tail of another history, then reads the stream afresh', async () => {
    const { here, there, log } = startTwo();
    await here.counting(1, 'n1');
    const other = new MemoryLog({ shared: true });
    const elsewhere = startTally({ log: other });
    await elsewhere.counting(1, 'm1');
    await elsewhere.counting(1, 'm2');
    let current: EventLog = log;
    const switching = altered(log, {
      read: (...range) => current.read(...range),
      head: (name) => current.head(name),
    });
    const { aggregates } = startTally({ log: switching });
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
    const [here, there] = [startTally({ log }), startTally({ log })];
    await there.counting(1, 'n0');
    const first = await here.aggregates.execute(stream, { ...context, command }, count(1, 'n1'));
    await here.counting(1, 'n2');
    for (const { aggregates } of [here, there]) {
      expect(await aggregates.execute(stream, { ...context, command }, count(1, 'n3'))).toMatchObject({
        answer: first.answer,
      });
    }
    expect(outcome(first)).toEqual({ answer: 'counted', version: 2 });
    expect((await there.aggregates.load(stream)).state.notes).toEqual(['n0', 'n1', 'n2']);
  });

  it('is not looked for at its first delivery, but when another instance was first', async () => {
    const log = new MemoryLog({ shared: true });
    let lookups = 0;
    const watched = altered(log, {
      findCommand: (...ids) => {
        lookups++;
        return log.findCommand(...ids);
      },
    });
    const [here, there] = [startTally({ log: watched }), startTally({ log })];
    const firstDelivery = { ...context, command: { ...command, first: true } };
    await here.aggregates.load(stream);
    const answered = await there.aggregates.execute(stream, firstDelivery, count(1, 'n1'));
    expect(await here.aggregates.execute(stream, firstDelivery, count(1, 'n2'))).toEqual(answered);
    expect(lookups).toBe(1);
    const next = { ...context, command: { id: 'k2', digest: '', first: true } };
    expect((await here.aggregates.execute(stream, next, count(1, 'n3'))).recorded.versions).toEqual({ Counted: 2 });
    expect(lookups).toBe(1);
  });

  it('is refused with other content', async () => {
    const { aggregates } = startTally();
    await aggregates.execute(stream, { ...context, command }, count(1, 'n1'));
    const other = { ...context, command: { id: 'k1', digest: 'd2' } };
    await expect(aggregates.execute(stream, other, count(1, 'n1'))).rejects.toEqual(problem('command-id-reused'));
    expect((await aggregates.load(stream)).version).toBe(1);
  });
});
