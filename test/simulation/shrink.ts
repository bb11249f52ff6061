import type { Outcome, RunOptions } from './run.js';

/** Runs of one story that is to become shorter. */
const MOST_RUNS = 400;
type Less = Omit<RunOptions, 'operations'>;

/**
 * The same fault with less: without troubles and lost messages, if it does not need them, and in fewer attempts, of which halves,
 * quarters, … single ones are left out as long as the same rule is still broken (delta debugging).
 */
export async function shrunk(found: Outcome, again: (less: Less) => Promise<Outcome>): Promise<Outcome> {
  const rule = ruleOf(found);
  let best: { outcome: Outcome; less: Less } = { outcome: found, less: {} };
  let runs = 0;
  const attempt = async (less: Less): Promise<void> => {
    if ((runs += 1) > MOST_RUNS) return;
    const outcome = await again(less);
    if (ruleOf(outcome) === rule) best = { outcome, less };
  };
  await attempt({ ...best.less, withoutTroubles: true });
  await attempt({ ...best.less, withoutLosses: true });
  for (let size = Math.ceil(found.operations / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 1; from <= best.outcome.operations; from += size) {
      const { leftOut = new Set<number>() } = best.less;
      const chunk = Array.from({ length: size }, (_, at) => from + at).filter((one) => !leftOut.has(one));
      if (chunk.length > 0) await attempt({ ...best.less, leftOut: new Set([...leftOut, ...chunk]) });
    }
  }
  return best.outcome;
}

/** What the first complaint is about. */
const ruleOf = ({ complaints }: Outcome): string | undefined => complaints[0]?.split(':')[0];
