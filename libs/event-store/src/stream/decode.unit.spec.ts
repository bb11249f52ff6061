import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { eventsOf } from '#libs/contracts/src/events/event.js';
import { type Commit, StoreDamaged } from '#libs/engine/src/port.js';
import { z } from 'zod';
import { sha256 } from '../canonical.js';
import { encodeCommit } from '../commit.js';
import type { Fold } from '../decision.js';
import { foldCommits } from './decode.js';
import { beforeFirst } from './snapshots.js';
import { count, tally, type TallyEvent } from '../testing/tally.js';

const event = eventsOf('two-factor');

const parts = { stream: 'demo/a1', at: 5_000, context: aContext({ actor: { kind: 'user', id: 'a1' } }) } as const;

/** As a release wrote it that knew only version 1 of `Counted`. */
const oldContracts = {
  Counted: event('Counted', '', z.strictObject({ amount: z.int() }), { amount: 1 }),
};
const oldCommit = encodeCommit(null, {
  ...parts,
  fold: { contracts: oldContracts },
  commitId: 'c1',
  events: [{ type: 'Counted', data: { amount: 3 } }],
});
const newCommit = encodeCommit(
  { version: 1, hash: oldCommit.events[0]?.hash ?? '' },
  { ...parts, at: 6_000, fold: tally, commitId: 'c2', events: count(2, 'n2', 5)({ ...tally.initial, sum: 3 }).events },
);

type Counting = Fold<TallyEvent[], TallyEvent>;
const reading: Counting = { ...tally, initial: [], evolve: (events, next) => [...events, next] };
/** The events of a commit, as a fold gets them. */
const readFrom = (commit: Commit, fold = reading) => {
  const [before] = commit === oldCommit ? [] : [oldCommit];
  const { version, hash } = before ? { version: 1, hash: before.events[0]?.hash ?? '' } : beforeFirst(fold);
  return foldCommits(fold, { ...beforeFirst(fold), version, hash }, [commit]).state;
};

describe('reading commits', () => {
  it('gives the events that were written', () => {
    expect(readFrom(newCommit)).toEqual([
      { type: 'Counted', data: { by: 2, note: 'n2' } },
      { type: 'TallyClosed', data: {} },
    ]);
  });

  it('reads an older type through its upcaster', () => {
    expect(readFrom(oldCommit)).toEqual([{ type: 'Counted', data: { by: 3, note: 'none' } }]);
  });

  it('folds old and new together, with the time of each commit', () => {
    expect(foldCommits(tally, beforeFirst(tally), [oldCommit, newCommit])).toEqual({
      state: { sum: 5, closed: true, notes: ['none', 'n2'], lastAt: 6_000 },
      version: 3,
      hash: newCommit.events[1]?.hash,
      lastAt: 6_000,
      commitVersion: 2,
      versions: { Counted: 2, TallyClosed: 3 },
    });
  });

  it('says which type it cannot read', () => {
    const decode = () =>
      readFrom(oldCommit, { ...reading, contracts: { Counted: { ...tally.contracts.Counted!, older: {} } } });
    expect(decode).toThrow(StoreDamaged);
    expect(decode).toThrow('event 1 is of type two-factor.counted.v1, which this release cannot read');
  });

  const stored = newCommit.events[0] ?? { name: '', body: '', hash: '' };
  const rehashed = (body: string) => ({ ...newCommit, events: [{ ...stored, body, hash: sha256(body) }] });
  it.each([
    ['bytes that are no JSON', rehashed('{')],
    ['bytes that are no event', rehashed('null')],
    ['an event of another stream', rehashed(stored.body.replace('"account":"a1"', '"account":"a2"'))],
    ['an event of another commit', { ...newCommit, commitId: 'c3' }],
    ['another version', { ...newCommit, version: 3 }],
    ['another time', { ...newCommit, at: 6_001 }],
  ])('refuses %s, and quotes none of it', (_, commit) => {
    expect(() => readFrom(commit)).toThrow(StoreDamaged);
    expect(() => readFrom(commit)).not.toThrow(/note|\{/);
  });

  it('refuses a commit that does not follow', () => {
    expect(() => foldCommits(tally, beforeFirst(tally), [newCommit])).toThrow('event 2 does not follow event 0');
  });
});
