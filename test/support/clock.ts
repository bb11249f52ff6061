import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const STEP_SECONDS = 30;

/** The clock of a stack: the system's, moved by an offset that stands in a file which the product reads. */
export class TestClock {
  constructor(
    readonly file: string,
    private offset = 0,
  ) {
    this.set(offset);
  }

  /** One that goes already. */
  static of(file: string): TestClock {
    return new TestClock(file, Number(readFileSync(file, 'utf8')));
  }

  /** Milliseconds since 1970, as the product sees it. */
  now(): number {
    return Date.now() + this.offset * 1000;
  }

  /** Whole seconds. Replaced in one go: the product must never read half a number. */
  set(offsetSeconds: number): void {
    this.offset = Math.ceil(offsetSeconds);
    writeFileSync(`${this.file}.new`, String(this.offset));
    renameSync(`${this.file}.new`, this.file);
  }

  get offsetSeconds(): number {
    return Number(readFileSync(this.file, 'utf8'));
  }

  /** Negative: the clock is set back. */
  advance(seconds: number): void {
    this.set(this.offset + seconds);
  }

  minutes(minutes: number): void {
    this.advance(minutes * 60);
  }

  /** RFC 6238 time step T; the period in seconds. */
  step(period = STEP_SECONDS): number {
    return Math.floor(this.now() / 1000 / period);
  }

  /** Moves on to the start of a time step, so that what follows happens within one. */
  startOfStep(): number {
    const into = (this.now() / 1000) % STEP_SECONDS;
    this.advance(STEP_SECONDS - into + 1);
    return this.step();
  }

  advanceToStep(step: number, period = STEP_SECONDS): void {
    if (step > this.step(period)) this.advance(step * period - this.now() / 1000 + 1);
  }
}
