import { randomInt } from 'node:crypto';
import { Random } from '#test/support/random.js';

/** Randomness that can be had again: `FAULTS_SEED` of an earlier run. What the clocks of two processes do stays chance. */
export function randomFromEnvironment(): Random {
  const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31));
  process.stdout.write(`FAULTS_SEED=${seed}\n`);
  return new Random(seed);
}
