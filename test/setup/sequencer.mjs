import Sequencer from '@jest/test-sequencer';

/** The pure ones say soonest what is wrong; then begins what takes longest, so that nothing is left to wait for. */
const first = ['unit', 'faults-on-servers', 'instances', 'faults', 'browser'];

export default class extends Sequencer {
  sort(tests) {
    const rankOf = ({ context }) => {
      const rank = first.indexOf(context.config.displayName.name);
      return rank < 0 ? first.length : rank;
    };
    return [...super.sort(tests)].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
