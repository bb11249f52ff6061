import type { Outcome } from './run.js';

/** Runs of one story that is to become shorter. */
const MOST_RUNS = 200;

/**
 * The same fault in fewer attempts: leaves out halves, quarters, … single ones of them as long as the same rule is still broken
 * (delta debugging).
 */
export async function shrunk(
  found: Outcome,
  again: (leftOut: ReadonlySet<number>) => Promise<Outcome>,
): Promise<{ outcome: Outcome; leftOut: ReadonlySet<number> }> {
  const rule = ruleOf(found);
  let best = { outcome: found, leftOut: new Set<number>() as ReadonlySet<number> };
  let runs = 0;
  for (let size = Math.ceil(found.operations / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 1; from <= best.outcome.operations && runs < MOST_RUNS; from += size) {
      const chunk = Array.from({ length: size }, (_, at) => from + at).filter((attempt) => !best.leftOut.has(attempt));
      if (chunk.length === 0) continue;
      const leftOut = new Set([...best.leftOut, ...chunk]);
      const outcome = await again(leftOut);
      runs += 1;
      if (ruleOf(outcome) === rule) best = { outcome, leftOut };
    }
  }
  return best;
}

/** What the first complaint is about. */
const ruleOf = ({ complaints }: Outcome): string | undefined => complaints[0]?.split(':')[0];
