import { randomInt } from 'node:crypto';

/** Randomness that can be had again: `FAULTS_SEED` of an earlier run. What the clocks of two processes do stays chance. */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed;
  }

  static fromEnvironment(): Random {
    const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31));
    process.stdout.write(`FAULTS_SEED=${seed}\n`);
    return new Random(seed);
  }

  /** 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole, from `from` up to and without `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.between(0, list.length)];
  }
}
