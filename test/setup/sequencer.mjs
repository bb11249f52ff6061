import Sequencer from '@jest/test-sequencer';

/**
 * The pure specs say soonest what is wrong. Then one of each stage in turn, the longest of each first: those that wait for a
 * broker or a kill leave the processor to those that need it, a browser above all.
 */
export default class extends Sequencer {
  sort(tests) {
    const stages = new Map();
    for (const test of super.sort(tests)) {
      const name = test.context.config.displayName.name;
      stages.set(name, [...(stages.get(name) ?? []), test]);
    }
    const { unit = [], ...others } = Object.fromEntries(stages);
    const turns = Object.values(others).flatMap((stage) => stage.map((test, turn) => ({ test, turn })));
    return [...unit, ...turns.sort((a, b) => a.turn - b.turn).map(({ test }) => test)];
  }
}
